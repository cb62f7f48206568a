import * as vscode from 'vscode';
import type { ConnectionProfile } from '../../core/connection/profile';
import type { Connections } from '../../core/ports/connections';
import { runbookFileName, type Runbook } from '../../core/runbooks/runbook';
import { controllerId, type RunbookController } from './runbook-controller';
import type { CellMeta, NotebookMeta } from './runbook-serializer';

/** The newest major this version knows, for the texts when the server cannot be asked. */
const newestMajor = 18;

/** Opens a new notebook of the runbook, bound to a connection, and runs everything that only reads. */
export async function openRunbook<Memory>(
  runbook: Runbook<Memory>,
  controller: RunbookController<Memory>,
  connections: Connections,
  profile: ConnectionProfile,
  extensionId: string,
): Promise<void> {
  // A server that cannot be reached does not keep the runbook from opening: its cells say what is wrong.
  const major = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Opening the runbook for {0}…', profile.name) },
    () =>
      connections.session(profile.id).then(
        (session) => session.capabilities.major,
        () => newestMajor,
      ),
  );
  const notebook = await newNotebook(runbook, profile, major);
  controller.prefer(notebook);
  const editor = await vscode.window.showNotebookDocument(notebook);
  await vscode.commands.executeCommand('notebook.selectKernel', {
    notebookEditor: editor,
    id: controllerId,
    extension: extensionId,
  });
  // At night the answers come first; the statements behind them are one click away.
  const statements = notebook.getCells().filter((cell) => controller.showsStatementOnly(cell));
  await vscode.commands.executeCommand('notebook.cell.collapseCellInput', {
    ranges: statements.map(({ index }) => ({ start: index, end: index + 1 })),
    document: notebook.uri,
  });
  const reading = notebook.getCells().filter((cell) => controller.onlyReads(cell));
  const ranges = reading.map(({ index }) => ({ start: index, end: index + 1 }));
  await vscode.commands.executeCommand('notebook.cell.execute', { ranges, document: notebook.uri });
  const verdict = reading.find((cell) => controller.stepOf(cell)?.kind === 'verdict')?.index;
  if (verdict === undefined) return;
  editor.revealRange(
    new vscode.NotebookRange(verdict, verdict + 1),
    vscode.NotebookEditorRevealType.InCenterIfOutsideViewport,
  );
}

async function newNotebook<Memory>(
  runbook: Runbook<Memory>,
  profile: ConnectionProfile,
  major: number,
): Promise<vscode.NotebookDocument> {
  const taken = new Set(vscode.workspace.notebookDocuments.map(({ uri }) => uri.path));
  const path = runbookFileName(runbook.id, profile.name, new Date(), (name) => taken.has(name));
  const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.from({ scheme: 'untitled', path }));
  const meta: NotebookMeta = {
    runbook: runbook.id,
    version: runbook.version,
    connection: { id: profile.id, name: profile.name },
  };
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, [
    vscode.NotebookEdit.updateNotebookMetadata({ ...meta }),
    vscode.NotebookEdit.replaceCells(new vscode.NotebookRange(0, notebook.cellCount), cellsOf(runbook, major)),
  ]);
  await vscode.workspace.applyEdit(edit);
  return notebook;
}

function cellsOf<Memory>(runbook: Runbook<Memory>, major: number): vscode.NotebookCellData[] {
  return runbook.steps.flatMap((step) => {
    const kind = step.kind === 'why' ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code;
    const cell = new vscode.NotebookCellData(kind, step.text(major), step.language);
    cell.metadata = { step: step.id } satisfies CellMeta;
    if (step.heading === undefined) return [cell];
    return [new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, step.heading, 'markdown'), cell];
  });
}
