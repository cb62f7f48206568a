import * as vscode from 'vscode';
import { plainText } from '../../core/runbooks/markdown';
import { largestFile, ownRunbookId } from '../../core/runbooks/own/own-file';
import { readParameterValues, type ParameterValues } from '../../core/runbooks/parameter';
import { formatRunbook, parseRunbook, type FileCell } from '../../core/runbooks/runbook-file';

/** What the notebook's metadata holds. */
export interface NotebookMeta {
  readonly runbook?: string;
  readonly version?: number;
  readonly connection?: { readonly id: string; readonly name: string };
  /** When it was opened, in ms since the epoch. */
  readonly opened?: number;
  readonly parameters?: ParameterValues;
}

/** What a cell's metadata holds. A cell without a step is a person's note and does not run. */
export interface CellMeta {
  readonly step?: string;
  /** What a cell of a runbook of one's own is for. */
  readonly kind?: string;
  /** Said about a file that is no runbook; never written into it. */
  readonly notice?: boolean;
}

export const markdownMime = 'text/markdown';

/** The record of an incident holds what its cells showed; one that is larger than this is opened as text only. In bytes. */
const largestRecord = 4 * largestFile;

/** Runbook notebooks on disk: Markdown that reads well in a pull request. */
export class RunbookSerializer implements vscode.NotebookSerializer {
  deserializeNotebook(content: Uint8Array): vscode.NotebookData {
    // The editor would stand still over its cells; what is said here stands in place of the notebook.
    if (content.length > largestRecord) throw tooLarge(content.length, largestRecord);
    const text = new TextDecoder().decode(content);
    const file = parseRunbook(text);
    if (file?.runbook === ownRunbookId && content.length > largestFile) throw tooLarge(content.length, largestFile);
    if (!file) return asItIs(text);
    const data = new vscode.NotebookData(file.cells.map(toCell));
    const meta: NotebookMeta = {
      runbook: file.runbook,
      version: file.version,
      ...(file.connection ? { connection: file.connection } : {}),
      ...(file.opened === undefined ? {} : { opened: file.opened }),
      ...(file.parameters === undefined ? {} : { parameters: file.parameters }),
    };
    data.metadata = { ...meta };
    return data;
  }

  serializeNotebook(data: vscode.NotebookData): Uint8Array {
    const meta = notebookMeta(data.metadata);
    const cells = data.cells.filter((cell) => cellMeta(cell.metadata).notice !== true);
    const { runbook, version, connection, opened, parameters } = meta;
    const more = { ...(opened === undefined ? {} : { opened }), ...(parameters === undefined ? {} : { parameters }) };
    const text =
      runbook === undefined || version === undefined
        ? cells.map((cell) => cell.value).join('\n\n')
        : formatRunbook({ runbook, version, connection, cells: cells.map(toFile), ...more });
    return new TextEncoder().encode(text);
  }
}

function tooLarge(bytes: number, limit: number): Error {
  return new Error(
    vscode.l10n.t(
      'This runbook has {0} kB, and more than {1} kB are not opened as one: nothing was read and nothing runs. Open it with the text editor ("Reopen Editor With…").',
      Math.ceil(bytes / 1000),
      limit / 1000,
    ),
  );
}

/** A file that cannot be read as a runbook: shown, never run, and written back as it was. */
function asItIs(text: string): vscode.NotebookData {
  const said = vscode.l10n.t(
    'This file cannot be read as a runbook of DB Ops: a marker of it is missing or was changed. Its text is shown below, and nothing in it runs. For a new runbook, run a command _DB Ops: Open … Runbook…_ of the palette; to mend this one, open it with the text editor.',
  );
  const notice = new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, `> ⚠ ${said}`, 'markdown');
  notice.metadata = { notice: true } satisfies CellMeta;
  const body = new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, text, 'markdown');
  return new vscode.NotebookData(text.trim() === '' ? [notice] : [notice, body]);
}

/** What the metadata of a notebook says, which a person or another extension may have edited. */
export function notebookMeta(metadata: Readonly<Record<string, unknown>> | undefined): NotebookMeta {
  const { runbook, version, connection, opened, parameters } = metadata ?? {};
  const place = connection as Readonly<Record<string, unknown>> | null | undefined;
  const [id, name] = [place?.['id'], place?.['name']];
  return {
    ...(typeof runbook === 'string' ? { runbook } : {}),
    ...(typeof version === 'number' ? { version } : {}),
    ...(typeof id === 'string' && typeof name === 'string' ? { connection: { id, name } } : {}),
    ...(typeof opened === 'number' ? { opened } : {}),
    ...(parameters === undefined ? {} : { parameters: readParameterValues(parameters) }),
  };
}

export function cellMeta(metadata: Readonly<Record<string, unknown>> | undefined): CellMeta {
  const step: unknown = metadata?.['step'];
  const kind: unknown = metadata?.['kind'];
  return {
    ...(typeof step === 'string' ? { step } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    notice: metadata?.['notice'] === true,
  };
}

function toCell(cell: FileCell): vscode.NotebookCellData {
  const kind = cell.language === 'markdown' ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code;
  const data = new vscode.NotebookCellData(kind, cell.text, cell.language);
  const { step, kind: purpose } = cell;
  data.metadata = {
    ...(step === undefined ? {} : { step }),
    ...(purpose === undefined ? {} : { kind: purpose }),
  } satisfies CellMeta;
  if (cell.output !== undefined) data.outputs = [markdownOutput(cell.output)];
  return data;
}

function toFile(cell: vscode.NotebookCellData): FileCell {
  const { kind } = cellMeta(cell.metadata);
  return {
    step: cellMeta(cell.metadata).step,
    ...(kind === undefined ? {} : { kind }),
    language: cell.languageId,
    text: cell.value,
    output: cellOutput(cell.outputs),
  };
}

/** The Markdown that a cell shows; undefined before it has run. */
export function cellOutput(outputs: readonly vscode.NotebookCellOutput[] | undefined): string | undefined {
  const item = outputs?.[0]?.items.find((candidate) => candidate.mime === markdownMime);
  return item === undefined ? undefined : new TextDecoder().decode(item.data);
}

/** Markdown, and the same as plain text for readers that cannot draw it. */
export function markdownOutput(markdown: string): vscode.NotebookCellOutput {
  return new vscode.NotebookCellOutput([
    vscode.NotebookCellOutputItem.text(markdown, markdownMime),
    vscode.NotebookCellOutputItem.text(plainText(markdown)),
  ]);
}
