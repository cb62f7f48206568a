import * as vscode from 'vscode';
import type { ConnectionProfile } from '../../core/connection/profile';
import type { Connections } from '../../core/ports/connections';
import { Memory } from '../../core/runbooks/kept';
import { readParameterValues, type ParameterValues } from '../../core/runbooks/parameter';
import { ownRunbookId, ownRunbookVersion } from '../../core/runbooks/own/own-file';
import { compareText, type Runbook, type Step, type StepResult } from '../../core/runbooks/runbook';
import type { Shelf } from '../../core/runbooks/shelf';
import { NotRun } from './not-run';
import type { OwnRunner } from './own-runner';
import { cellMeta, notebookMeta, type NotebookMeta } from './runbook-serializer';

/** The newest major this version knows, for the texts where the server cannot be asked. */
export const newestMajor = 18;

/** Runs the step that a cell stands for. The text that stands in the cell is never sent to a server. */
export class StepRunner {
  private readonly memories = new WeakMap<vscode.NotebookDocument, Memory>();

  constructor(
    private readonly shelf: Shelf,
    private readonly connections: Connections,
    private readonly own: OwnRunner,
  ) {}

  /** The step of a cell whose runbook is loaded; undefined for notes. */
  stepOf(cell: vscode.NotebookCell): Step | undefined {
    if (notebookMeta(cell.notebook.metadata).runbook === ownRunbookId) return this.own.stepOf(cell);
    const { step: id } = cellMeta(cell.metadata);
    const book = this.shelf.loaded(notebookMeta(cell.notebook.metadata).runbook);
    return book?.steps.find((step) => step.id === id);
  }

  /** Rejects with a NotRun, a DatabaseError or an AbortError. */
  async run(
    cell: vscode.NotebookCell,
    signal: AbortSignal,
  ): Promise<{ profile: ConnectionProfile; result: StepResult }> {
    const { notebook } = cell;
    const meta = notebookMeta(notebook.metadata);
    if (meta.runbook === ownRunbookId && meta.version === ownRunbookVersion) return this.own.run(cell, signal);
    const book = await this.bookOf(meta);
    const step = book.steps.find(({ id }) => id === cellMeta(cell.metadata).step);
    if (!step?.run && !step?.runOffline)
      throw new NotRun(
        vscode.l10n.t('This cell is not a step of the runbook, so it does not run. Notes go into Markdown cells.'),
      );
    const profile = this.profileOf(meta);
    const parameters = readParameterValues(meta.parameters);
    const memory = this.memories.get(notebook) ?? new Memory();
    this.memories.set(notebook, memory);
    const offline = { profile, parameters, memory, now: new Date(), signal };
    if (step.runOffline) {
      await ensureText(cell, step, newestMajor, parameters);
      return { profile, result: await step.runOffline(offline) };
    }
    const session = await this.connections.session(profile.id, signal);
    await ensureText(cell, step, session.capabilities.major, parameters);
    const result = await step.run?.({ ...offline, now: new Date(), session });
    return { profile, result: result ?? { markdown: '', failed: true } };
  }

  private async bookOf(meta: NotebookMeta): Promise<Runbook> {
    const book = meta.runbook === undefined ? undefined : await this.shelf.load(meta.runbook);
    if (book && book.version === meta.version) return book;
    throw new NotRun(
      vscode.l10n.t(
        'This file is not a runbook of this version of the extension: it can be read, and nothing in it runs. Open a new one from the palette.',
      ),
    );
  }

  private profileOf(meta: NotebookMeta): ConnectionProfile {
    const profile = meta.connection && this.connections.profiles.find(meta.connection.id);
    if (profile) return profile;
    throw new NotRun(
      vscode.l10n.t(
        'The connection {0} of this runbook is not among the saved ones. Open a new runbook for another.',
        meta.connection?.name ?? '?',
      ),
    );
  }
}

/** What runs is what stands in the cell. A text for a server of another version is replaced, and shown, first. */
async function ensureText(
  cell: vscode.NotebookCell,
  step: Step,
  major: number,
  parameters: ParameterValues,
): Promise<void> {
  const { document } = cell;
  const place = { major, parameters };
  const compared = compareText(step, document.getText(), place);
  if (compared === 'same') return;
  if (compared === 'foreign')
    throw new NotRun(
      vscode.l10n.t(
        'The text of this cell was edited: it is not the statement that would run. Undo the change, or open a new runbook from the palette.',
      ),
    );
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), step.text(place));
  await vscode.workspace.applyEdit(edit);
  if (step.kind === 'act')
    throw new NotRun(
      vscode.l10n.t('The cell now shows the statements for PostgreSQL {0}. Read them and run it again.', major),
    );
}
