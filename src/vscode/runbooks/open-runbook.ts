import * as vscode from 'vscode';
import type { Contacts } from '../../core/alerts/escalation';
import type { ConnectionProfile } from '../../core/connection/profile';
import { escalationBlock } from '../../core/runbooks/escalation-block';
import type { ParameterValues } from '../../core/runbooks/parameter';
import type { Place, Runbook } from '../../core/runbooks/runbook';
import { runbookFileName } from '../../core/runbooks/runbook-name';
import { notebookType } from '../../contributions';
import { controllerId } from './runbook-controller';
import type { CellMeta, NotebookMeta } from './runbook-serializer';
import type { StepRunner } from './step-runner';

/** What a new notebook is made of. */
export interface NewNotebook {
  readonly runbook: Runbook;
  readonly profile: ConnectionProfile;
  readonly major: number;
  readonly parameters: ParameterValues;
  readonly contacts: Contacts;
}

/** Opens a new notebook of the runbook, bound to a connection, and runs everything that only reads. */
export async function openRunbook(
  made: NewNotebook,
  steps: StepRunner,
  prefer: (notebook: vscode.NotebookDocument) => void,
  extensionId: string,
): Promise<void> {
  const notebook = await newNotebook(made);
  prefer(notebook);
  const editor = await vscode.window.showNotebookDocument(notebook);
  await vscode.commands.executeCommand('notebook.selectKernel', {
    notebookEditor: editor,
    id: controllerId,
    extension: extensionId,
  });
  const kindOf = (cell: vscode.NotebookCell): string => steps.stepOf(cell)?.kind ?? '';
  // At night the answers come first; the statements behind them are one click away.
  const statements = notebook
    .getCells()
    .filter((cell) => cell.document.languageId === 'sql' && ['diagnose', 'verify'].includes(kindOf(cell)));
  await vscode.commands.executeCommand('notebook.cell.collapseCellInput', {
    ranges: statements.map(({ index }) => ({ start: index, end: index + 1 })),
    document: notebook.uri,
  });
  const reading = notebook.getCells().filter((cell) => ['diagnose', 'verdict'].includes(kindOf(cell)));
  const ranges = reading.map(({ index }) => ({ start: index, end: index + 1 }));
  await vscode.commands.executeCommand('notebook.cell.execute', { ranges, document: notebook.uri });
  const verdict = reading.find((cell) => kindOf(cell) === 'verdict')?.index;
  if (verdict === undefined) return;
  const place = new vscode.NotebookRange(verdict, verdict + 1);
  // The keyboard goes on from there: the step to take is a few cells below.
  editor.selection = place;
  editor.revealRange(place, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
}

async function newNotebook(made: NewNotebook): Promise<vscode.NotebookDocument> {
  const { runbook, profile, parameters } = made;
  const taken = new Set(vscode.workspace.notebookDocuments.map(({ uri }) => uri.path));
  const path = runbookFileName(runbook.id, profile.name, new Date(), (name) => taken.has(name));
  const uri = vscode.Uri.from({ scheme: 'untitled', path });
  const notebook = await vscode.workspace.openNotebookDocument(uri);
  if (notebook.notebookType !== notebookType) throw new Error('The notebook is of another type.');
  const meta: NotebookMeta = {
    runbook: runbook.id,
    version: runbook.version,
    connection: { id: profile.id, name: profile.name },
    opened: Date.now(),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
  };
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, [
    vscode.NotebookEdit.updateNotebookMetadata({ ...meta }),
    vscode.NotebookEdit.replaceCells(new vscode.NotebookRange(0, notebook.cellCount), cellsOf(made)),
  ]);
  await vscode.workspace.applyEdit(edit);
  return notebook;
}

function cellsOf({ runbook, major, parameters, contacts }: NewNotebook): vscode.NotebookCellData[] {
  const place: Place = { major, parameters };
  const markup = (text: string): vscode.NotebookCellData =>
    new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, text, 'markdown');
  const steps = runbook.steps.filter(({ shown }) => shown?.(parameters) !== false);
  const cells = steps.flatMap((step) => {
    const kind = step.kind === 'why' ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code;
    const cell = new vscode.NotebookCellData(kind, step.text(place), step.language);
    cell.metadata = { step: step.id } satisfies CellMeta;
    return step.heading === undefined ? [cell] : [markup(step.heading), cell];
  });
  return [...cells, markup(escalationBlock(runbook.level, contacts))];
}
