import { fenced } from './markdown';
import { readParameterValues, type ParameterValues } from './parameter';

/** A cell as it stands in the file. `step` is undefined for a note that a person has added. */
export interface FileCell {
  readonly step: string | undefined;
  readonly language: string;
  readonly text: string;
  /** Markdown of what the step showed, with its time inside; undefined when it has not run. */
  readonly output: string | undefined;
  /** What a cell of a runbook of one's own is for; built-in steps know it themselves. */
  readonly kind?: string;
}

/** A runbook on disk: readable Markdown, with comments that say what is what. Holds no secret and no way to run SQL. */
export interface RunbookFile {
  readonly runbook: string;
  readonly version: number;
  readonly connection: { readonly id: string; readonly name: string } | undefined;
  readonly cells: readonly FileCell[];
  /** When it was opened, in ms since the epoch: the incident report begins there. */
  readonly opened?: number;
  /** What it is about beside the connection. */
  readonly parameters?: ParameterValues;
}

const marker = '<!-- dbops:';
/** A line of foreign text that looks like a marker of ours, with the backslashes that tell it apart. */
const guarded = /^(\\*)(?=<!-- dbops:)/gm;

/** Writes a runbook as Markdown. `parseRunbook` reads the same back, whatever the texts hold. */
export function formatRunbook(file: RunbookFile): string {
  const { runbook: id, version, opened, parameters } = file;
  const head = [`${marker}runbook ${comment({ id, version, opened, parameters })} -->`];
  if (file.connection) head.push(`${marker}connection ${comment(file.connection)} -->`);
  const cells = file.cells.map((cell) => {
    const lines = [`${marker}cell ${comment({ step: cell.step, language: cell.language, kind: cell.kind })} -->`];
    lines.push(cell.language === 'markdown' ? guard(cell.text) : fenced(guard(cell.text), cell.language));
    if (cell.output !== undefined) lines.push(`${marker}output -->`, guard(cell.output));
    lines.push(`${marker}end -->`);
    return lines.join('\n');
  });
  return `${[head.join('\n'), ...cells].join('\n\n')}\n`;
}

/** Reads a runbook file; undefined when it is not one, or broken: the caller then shows the text as it is. */
export function parseRunbook(content: string): RunbookFile | undefined {
  const lines = content.replace(/\r\n/g, '\n').split('\n');
  const head = payload(lines[0], 'runbook');
  if (!isRecord(head) || typeof head['id'] !== 'string' || typeof head['version'] !== 'number') return undefined;
  const connection = payload(lines[1], 'connection');
  const cells: FileCell[] = [];
  for (let at = 1; at < lines.length; at++) {
    const opening = payload(lines[at], 'cell');
    if (opening === undefined) {
      const stray = lines[at]?.startsWith(marker) === true && payload(lines[at], 'connection') === undefined;
      if (stray) return undefined;
      continue;
    }
    const end = lines.indexOf(`${marker}end -->`, at);
    if (end === -1 || !isRecord(opening) || typeof opening['language'] !== 'string') return undefined;
    const body = lines.slice(at + 1, end);
    const split = body.indexOf(`${marker}output -->`);
    // What is ours in a body is guarded: a marker in it means that one before it was lost.
    if (body.some((line, index) => line.startsWith(marker) && index !== split)) return undefined;
    const source = (split === -1 ? body : body.slice(0, split)).join('\n');
    const { language, step, kind } = opening;
    cells.push({
      step: typeof step === 'string' ? step : undefined,
      language,
      text: language === 'markdown' ? unguard(source) : unguard(unfence(source)),
      output: split === -1 ? undefined : unguard(body.slice(split + 1).join('\n')),
      ...(typeof kind === 'string' ? { kind } : {}),
    });
    at = end;
  }
  const known = isRecord(connection) && typeof connection['id'] === 'string' && typeof connection['name'] === 'string';
  return {
    runbook: head['id'],
    version: head['version'],
    connection: known ? { id: connection['id'] as string, name: connection['name'] as string } : undefined,
    cells,
    ...(typeof head['opened'] === 'number' ? { opened: head['opened'] } : {}),
    ...(head['parameters'] === undefined ? {} : { parameters: readParameterValues(head['parameters']) }),
  };
}

/** JSON that cannot end the comment it stands in. */
function comment(value: unknown): string {
  return JSON.stringify(value).replaceAll('--', '-\\u002d').replaceAll('>', '\\u003e');
}

function payload(line: string | undefined, kind: string): unknown {
  const start = `${marker}${kind} `;
  if (!line?.startsWith(start) || !line.endsWith(' -->')) return undefined;
  try {
    return JSON.parse(line.slice(start.length, -4)) as unknown;
  } catch {
    return undefined;
  }
}

function guard(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(guarded, '\\$1');
}

function unguard(text: string): string {
  return text.replace(/^\\(\\*)(?=<!-- dbops:)/gm, '$1');
}

function unfence(source: string): string {
  const lines = source.split('\n');
  return lines.length >= 2 ? lines.slice(1, -1).join('\n') : source;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
