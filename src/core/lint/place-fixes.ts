import type { FileSystem } from '../ports/file-system';
import type { ProjectFix } from './fixes/project-fix';
import { LineColumns } from './line-columns';
import type { PlacedFix, PlacedRange } from './worker-messages';

/** Gives the edits of a fix lines and columns; undefined where a file went away meanwhile. */
export async function placeFix(
  finding: number,
  fix: ProjectFix,
  textOf: (path: string) => string | undefined,
  files: FileSystem,
): Promise<PlacedFix | undefined> {
  const columns = new Map<string, LineColumns>();
  for (const path of new Set(fix.edits.map((edit) => edit.path))) {
    const bytes = textOf(path) === undefined ? await files.read(path) : undefined;
    const text = textOf(path) ?? (bytes && new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    if (text === undefined) return undefined;
    columns.set(path, new LineColumns(text));
  }
  const edits = fix.edits.map(({ path, start, end, text }) => ({
    path,
    range: placed(columns.get(path), start, end),
    text,
  }));
  const { title, files: made, renames, asksReason = false } = fix;
  return { finding, title, edits, files: made, renames, asksReason };
}

/** A range of a text as VS Code counts, from 0; the beginning where nothing is known of the text. */
export function placed(columns: LineColumns | undefined, from: number, to: number): PlacedRange {
  const start = columns?.at(from) ?? { line: 1, column: 1 };
  const end = columns?.at(to) ?? start;
  return { startLine: start.line - 1, startColumn: start.column - 1, endLine: end.line - 1, endColumn: end.column - 1 };
}
