import * as vscode from 'vscode';
import type { ConnectionProfile } from '../../core/connection/profile';
import type { Connections } from '../../core/ports/connections';
import type { Runbook } from '../../core/runbooks/runbook';
import { notebookType } from '../../contributions';
import { controllerId, type RunbookController } from './runbook-controller';
import type { NotebookMeta } from './runbook-serializer';

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
  const major = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Opening the runbook for {0}…', profile.name) },
    () =>
      connections.session(profile.id).then(
        (session) => session.capabilities.major,
        () => newestMajor,
      ),
  );
  const data = new vscode.NotebookData(
    runbook.steps.map((step) => {
      const kind = step.kind === 'why' ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code;
      const cell = new vscode.NotebookCellData(kind, step.text(major), step.language);
      cell.metadata = { step: step.id };
      return cell;
    }),
  );
  const meta: NotebookMeta = {
    runbook: runbook.id,
    version: runbook.version,
    connection: { id: profile.id, name: profile.name },
  };
  data.metadata = { ...meta };
  const notebook = await vscode.workspace.openNotebookDocument(notebookType, data);
  controller.prefer(notebook);
  const editor = await vscode.window.showNotebookDocument(notebook);
  await vscode.commands.executeCommand('notebook.selectKernel', {
    notebookEditor: editor,
    id: controllerId,
    extension: extensionId,
  });
  const ranges = runbook.steps.flatMap((step, index) =>
    step.kind === 'diagnose' || step.kind === 'verdict' ? [{ start: index, end: index + 1 }] : [],
  );
  await vscode.commands.executeCommand('notebook.cell.execute', { ranges, document: notebook.uri });
}
