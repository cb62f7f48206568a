import * as vscode from 'vscode';
import type { ConnectionProfile } from '../../core/connection/profile';
import { DatabaseError, isAbort } from '../../core/ports/database-error';
import type { Connections } from '../../core/ports/connections';
import type { Log } from '../../core/ports/log';
import { escapeMarkdown } from '../../core/runbooks/markdown';
import { compareText, type Runbook, type Step, type StepResult } from '../../core/runbooks/runbook';
import { notebookType } from '../../contributions';
import { cellMeta, markdownOutput, type NotebookMeta } from './runbook-serializer';

export const controllerId = 'dbOps.runbookController';

/** Runs the steps of runbook notebooks. A cell names a step; the text that stands in it is never sent to a server. */
export class RunbookController<Memory> implements vscode.Disposable {
  private readonly controller = vscode.notebooks.createNotebookController(
    controllerId,
    notebookType,
    vscode.l10n.t('DB Ops Runbook'),
  );
  private readonly memories = new WeakMap<vscode.NotebookDocument, Memory>();
  private readonly running = new Map<vscode.NotebookDocument, Set<AbortController>>();
  /** The end of what a notebook has been told to run: one cell after the other. */
  private readonly tails = new WeakMap<vscode.NotebookDocument, Promise<void>>();

  constructor(
    private readonly runbook: Runbook<Memory>,
    private readonly connections: Connections,
    private readonly log: Log,
  ) {
    this.controller.supportedLanguages = ['sql', 'plaintext'];
    this.controller.supportsExecutionOrder = false;
    this.controller.description = vscode.l10n.t('Runs the steps of the runbook on its connection');
    this.controller.executeHandler = (cells, notebook) => this.enqueue(cells, notebook);
    this.controller.interruptHandler = (notebook) => this.interrupt(notebook);
  }

  /** Makes this the one that runs a notebook, without asking. */
  prefer(notebook: vscode.NotebookDocument): void {
    this.controller.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
  }

  /** A cell that may run without being asked for. */
  onlyReads(cell: vscode.NotebookCell): boolean {
    const kind = this.stepOf(cell)?.kind;
    return kind === 'diagnose' || kind === 'verdict';
  }

  /** A cell whose text is a statement that only reads: its answer matters, not its text. */
  showsStatementOnly(cell: vscode.NotebookCell): boolean {
    const step = this.stepOf(cell);
    return step?.language === 'sql' && (step.kind === 'diagnose' || step.kind === 'verify');
  }

  /** The step a cell stands for; undefined for notes. */
  stepOf(cell: vscode.NotebookCell): Step<Memory> | undefined {
    const { step: id } = cellMeta(cell.metadata);
    return this.runbook.steps.find((step) => step.id === id);
  }

  dispose(): void {
    for (const notebook of this.running.keys()) this.interrupt(notebook);
    this.controller.dispose();
  }

  private interrupt(notebook: vscode.NotebookDocument): void {
    for (const abort of this.running.get(notebook) ?? []) abort.abort();
  }

  private enqueue(cells: readonly vscode.NotebookCell[], notebook: vscode.NotebookDocument): Promise<void> {
    const abort = new AbortController();
    const all = this.running.get(notebook) ?? new Set();
    this.running.set(notebook, all.add(abort));
    const turn = (this.tails.get(notebook) ?? Promise.resolve())
      .then(() => this.runAll(cells, notebook, abort.signal))
      .catch((error: unknown) => this.log.error(`Runbook ${this.runbook.id}: a cell could not run.`, error))
      .finally(() => {
        all.delete(abort);
        if (all.size === 0) this.running.delete(notebook);
      });
    this.tails.set(notebook, turn);
    return turn;
  }

  private async runAll(
    cells: readonly vscode.NotebookCell[],
    notebook: vscode.NotebookDocument,
    signal: AbortSignal,
  ): Promise<void> {
    for (const cell of cells) {
      if (signal.aborted || notebook.isClosed) return;
      const result = await this.runCell(cell, notebook, signal);
      if (result?.acted !== true) continue;
      // What was done is looked at right away: nobody should have to remember it.
      for (const other of notebook.getCells()) {
        if (this.stepOf(other)?.kind === 'verify' && !cells.includes(other))
          await this.runCell(other, notebook, signal);
      }
    }
  }

  private async runCell(
    cell: vscode.NotebookCell,
    notebook: vscode.NotebookDocument,
    signal: AbortSignal,
  ): Promise<StepResult | undefined> {
    const execution = this.controller.createNotebookCellExecution(cell);
    execution.start(Date.now());
    const show = (markdown: string): Thenable<void> => execution.replaceOutput(markdownOutput(markdown));
    try {
      const { profile, result } = await this.runStep(cell, notebook, signal);
      await show(`_${escapeMarkdown(profile.name)} · ${timeStamp()}_\n\n${result.markdown}`);
      execution.end(!result.failed, Date.now());
      return result;
    } catch (error) {
      const cancelled = isAbort(error) || signal.aborted;
      const message = cancelled ? vscode.l10n.t('Cancelled.') : failureText(error);
      if (!cancelled) this.log.warn(`Runbook ${this.runbook.id}: ${message}`);
      await show(`_${timeStamp()}_\n\n**${escapeMarkdown(message)}**`);
      execution.end(false, Date.now());
      return undefined;
    }
  }

  private async runStep(
    cell: vscode.NotebookCell,
    notebook: vscode.NotebookDocument,
    signal: AbortSignal,
  ): Promise<{ profile: ConnectionProfile; result: StepResult }> {
    const meta: NotebookMeta = notebook.metadata;
    if (meta.runbook !== this.runbook.id || meta.version !== this.runbook.version) {
      throw new NotRun(
        vscode.l10n.t(
          'This file is not a runbook of this version of the extension: it can be read, and nothing in it runs. Open a new one from the palette.',
        ),
      );
    }
    const step = this.stepOf(cell);
    if (!step?.run)
      throw new NotRun(
        vscode.l10n.t('This cell is not a step of the runbook, so it does not run. Notes go into Markdown cells.'),
      );
    const profile = this.profileOf(meta);
    const session = await this.connections.session(profile.id, signal);
    await this.ensureText(cell, step, session.capabilities.major);
    const memory = this.memories.get(notebook) ?? this.runbook.newMemory();
    this.memories.set(notebook, memory);
    return { profile, result: await step.run({ profile, session, memory, now: new Date(), signal }) };
  }

  /** What runs is what stands in the cell. A text for a server of another version is replaced, and shown, first. */
  private async ensureText(cell: vscode.NotebookCell, step: Step<Memory>, major: number): Promise<void> {
    const { document } = cell;
    const compared = compareText(step, document.getText(), major);
    if (compared === 'same') return;
    if (compared === 'foreign')
      throw new NotRun(
        vscode.l10n.t(
          'The text of this cell was edited: it is not the statement that would run. Undo the change, or open a new runbook from the palette.',
        ),
      );
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), step.text(major));
    await vscode.workspace.applyEdit(edit);
    if (step.kind === 'act')
      throw new NotRun(
        vscode.l10n.t('The cell now shows the statements for PostgreSQL {0}. Read them and run it again.', major),
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

/** The cell was not run, for a reason a person can mend. */
class NotRun extends Error {
  readonly reason = 'not-run';
}

function timeStamp(): string {
  return new Date()
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}

function failureText(error: unknown): string {
  if (error instanceof DatabaseError)
    return error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}
