import * as vscode from 'vscode';
import { plainText } from '../../core/runbooks/markdown';
import { formatRunbook, parseRunbook, type FileCell } from '../../core/runbooks/runbook-file';

/** What the notebook's metadata holds. */
export interface NotebookMeta {
  readonly runbook?: string;
  readonly version?: number;
  readonly connection?: { readonly id: string; readonly name: string };
}

/** What a cell's metadata holds. A cell without a step is a person's note and does not run. */
export interface CellMeta {
  readonly step?: string;
  /** Said about a file that is no runbook; never written into it. */
  readonly notice?: boolean;
}

export const markdownMime = 'text/markdown';

/** Runbook notebooks on disk: Markdown that reads well in a pull request. */
export class RunbookSerializer implements vscode.NotebookSerializer {
  deserializeNotebook(content: Uint8Array): vscode.NotebookData {
    const text = new TextDecoder().decode(content);
    const file = parseRunbook(text);
    if (!file) return asItIs(text);
    const data = new vscode.NotebookData(file.cells.map(toCell));
    const meta: NotebookMeta = {
      runbook: file.runbook,
      version: file.version,
      ...(file.connection ? { connection: file.connection } : {}),
    };
    data.metadata = { ...meta };
    return data;
  }

  serializeNotebook(data: vscode.NotebookData): Uint8Array {
    const meta: NotebookMeta = data.metadata ?? {};
    const cells = data.cells.filter((cell) => cellMeta(cell.metadata).notice !== true);
    const { runbook, version, connection } = meta;
    const text =
      runbook === undefined || version === undefined
        ? cells.map((cell) => cell.value).join('\n\n')
        : formatRunbook({ runbook, version, connection, cells: cells.map(toFile) });
    return new TextEncoder().encode(text);
  }
}

/** A file that cannot be read as a runbook: shown, never run, and written back as it was. */
function asItIs(text: string): vscode.NotebookData {
  const said = vscode.l10n.t(
    'This file cannot be read as a runbook of DB Ops: a marker of it is missing or was changed. Its text is shown below, and nothing in it runs. For a new runbook, run _DB Ops: Open Lock Contention Runbook…_ from the palette; to mend this one, open it with the text editor.',
  );
  const notice = new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, `> ⚠ ${said}`, 'markdown');
  notice.metadata = { notice: true } satisfies CellMeta;
  const body = new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, text, 'markdown');
  return new vscode.NotebookData(text.trim() === '' ? [notice] : [notice, body]);
}

export function cellMeta(metadata: Readonly<Record<string, unknown>> | undefined): CellMeta {
  const step: unknown = metadata?.['step'];
  return { ...(typeof step === 'string' ? { step } : {}), notice: metadata?.['notice'] === true };
}

function toCell(cell: FileCell): vscode.NotebookCellData {
  const kind = cell.language === 'markdown' ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code;
  const data = new vscode.NotebookCellData(kind, cell.text, cell.language);
  if (cell.step !== undefined) data.metadata = { step: cell.step } satisfies CellMeta;
  if (cell.output !== undefined) data.outputs = [markdownOutput(cell.output)];
  return data;
}

function toFile(cell: vscode.NotebookCellData): FileCell {
  const item = cell.outputs?.[0]?.items.find((candidate) => candidate.mime === markdownMime);
  return {
    step: cellMeta(cell.metadata).step,
    language: cell.languageId,
    text: cell.value,
    output: item === undefined ? undefined : new TextDecoder().decode(item.data),
  };
}

/** Markdown, and the same as plain text for readers that cannot draw it. */
export function markdownOutput(markdown: string): vscode.NotebookCellOutput {
  return new vscode.NotebookCellOutput([
    vscode.NotebookCellOutputItem.text(markdown, markdownMime),
    vscode.NotebookCellOutputItem.text(plainText(markdown)),
  ]);
}
