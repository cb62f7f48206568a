import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { notebookType } from '../../../src/contributions';
import { until } from '../support/until';
import { workspaceFolder } from '../support/workspace';

/** The cell of a step. */
export function cellOf(notebook: vscode.NotebookDocument, step: string): vscode.NotebookCell {
  const cell = notebook.getCells().find(({ metadata }) => metadata['step'] === step);
  assert.ok(cell, `a cell for ${step}`);
  return cell;
}

/** What a cell shows, as plain text; empty before it has run. */
export function shown(cell: vscode.NotebookCell): string {
  const item = cell.outputs[0]?.items.find(({ mime }) => mime === 'text/plain');
  return item ? new TextDecoder().decode(item.data) : '';
}

export async function start(notebook: vscode.NotebookDocument, cell: vscode.NotebookCell): Promise<void> {
  const ranges = [{ start: cell.index, end: cell.index + 1 }];
  await vscode.commands.executeCommand('notebook.cell.execute', { ranges, document: notebook.uri });
}

/** Runs a cell and waits until it has ended. @returns its plain text */
export async function run(notebook: vscode.NotebookDocument, step: string): Promise<string> {
  const cell = cellOf(notebook, step);
  const before = endOf(cell);
  await start(notebook, cell);
  await ended(cell, before);
  return shown(cell);
}

export function endOf(cell: vscode.NotebookCell): number | undefined {
  return cell.executionSummary?.timing?.endTime;
}

export async function ended(cell: vscode.NotebookCell, before?: number): Promise<void> {
  await until(`cell ${String(cell.metadata['step'])} has run`, () => {
    const end = endOf(cell);
    return end !== undefined && end !== before;
  });
}

/** Opens a new runbook from the palette, or from an element of the tree, and waits for its verdict. */
export function openNew(argument?: unknown): Promise<vscode.NotebookDocument> {
  return openBy('dbOps.runbook.open.lock-contention', argument);
}

/** Opens a new runbook by a command, and waits for its verdict. */
export async function openBy(command: string, argument?: unknown): Promise<vscode.NotebookDocument> {
  await vscode.commands.executeCommand(command, argument);
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  assert.ok(notebook, 'a notebook is shown');
  await ended(cellOf(notebook, 'verdict'));
  return notebook;
}

/**
 * Writes the cells of a notebook, without what they show, where the test can reopen it: saving a new one would ask for a
 * place. What is shown then is saved by the notebook itself.
 */
export async function writeCells(notebook: vscode.NotebookDocument, name: string): Promise<vscode.Uri> {
  const data = new vscode.NotebookData(
    notebook.getCells().map((cell) => {
      const copy = new vscode.NotebookCellData(cell.kind, cell.document.getText(), cell.document.languageId);
      return Object.assign(copy, { metadata: cell.metadata });
    }),
  );
  data.metadata = notebook.metadata;
  const bytes = await vscode.commands.executeCommand<Uint8Array>('vscode.executeNotebookToData', notebookType, data);
  const uri = placeFor(name);
  await vscode.workspace.fs.writeFile(uri, bytes);
  return uri;
}

/** Where a test keeps a runbook; a name is for one test, because VS Code keeps documents for minutes. */
export function placeFor(name: string): vscode.Uri {
  return vscode.Uri.joinPath(workspaceFolder().uri, 'runbooks', `${name}.dbops.md`);
}

export async function openFile(uri: vscode.Uri): Promise<vscode.NotebookDocument> {
  const notebook = await vscode.workspace.openNotebookDocument(uri);
  await vscode.window.showNotebookDocument(notebook);
  return notebook;
}

/** The text of a saved file. */
export async function textOf(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

/** Closes every notebook without keeping it: closing one that was never saved would ask. */
export async function closeNotebooks(): Promise<void> {
  const open = (): vscode.Tab[] =>
    vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(({ input }) => input instanceof vscode.TabInputNotebook);
  for (const { input } of open()) {
    if (!(input instanceof vscode.TabInputNotebook)) continue;
    await vscode.window.showNotebookDocument(await vscode.workspace.openNotebookDocument(input.uri));
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
  await until('the notebooks are closed', () => open().length === 0);
}
