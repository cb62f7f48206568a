import * as vscode from 'vscode';
import { formatRunbook, parseRunbook, type FileCell } from '../../core/runbooks/runbook-file';

/** What the notebook's metadata holds. */
export interface NotebookMeta {
  readonly runbook?: string;
  readonly version?: number;
  readonly connection?: { readonly id: string; readonly name: string };
  /** The file could not be read as a runbook: it is shown as it is and written back unchanged. */
  readonly raw?: boolean;
}

export const markdownMime = 'text/markdown';

/** Runbook notebooks on disk: Markdown that reads well in a pull request. */
export class RunbookSerializer implements vscode.NotebookSerializer {
  deserializeNotebook(content: Uint8Array): vscode.NotebookData {
    const text = new TextDecoder().decode(content);
    const file = parseRunbook(text);
    if (!file) {
      const data = new vscode.NotebookData([
        new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, text, 'markdown'),
      ]);
      data.metadata = { raw: true } satisfies NotebookMeta;
      return data;
    }
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
    const encoder = new TextEncoder();
    if (meta.raw || meta.runbook === undefined)
      return encoder.encode(data.cells.map((cell) => cell.value).join('\n\n'));
    const text = formatRunbook({
      runbook: meta.runbook,
      version: meta.version ?? 0,
      connection: meta.connection,
      cells: data.cells.map(toFile),
    });
    return encoder.encode(text);
  }
}

function toCell(cell: FileCell): vscode.NotebookCellData {
  const kind = cell.language === 'markdown' ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code;
  const data = new vscode.NotebookCellData(kind, cell.text, cell.language);
  if (cell.step !== undefined) data.metadata = { step: cell.step };
  if (cell.output !== undefined) data.outputs = [markdownOutput(cell.output)];
  return data;
}

function toFile(cell: vscode.NotebookCellData): FileCell {
  const step: unknown = cell.metadata?.['step'];
  const item = cell.outputs?.[0]?.items.find((candidate) => candidate.mime === markdownMime);
  return {
    step: typeof step === 'string' ? step : undefined,
    language: cell.languageId,
    text: cell.value,
    output: item === undefined ? undefined : new TextDecoder().decode(item.data),
  };
}

/** Markdown, and the same as plain text for readers that cannot draw it. */
export function markdownOutput(markdown: string): vscode.NotebookCellOutput {
  return new vscode.NotebookCellOutput([
    vscode.NotebookCellOutputItem.text(markdown, markdownMime),
    vscode.NotebookCellOutputItem.text(markdown),
  ]);
}
