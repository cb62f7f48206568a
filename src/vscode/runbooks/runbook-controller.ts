import * as vscode from 'vscode';
import { isAbort } from '../../core/ports/database-error';
import type { Log } from '../../core/ports/log';
import { escapeMarkdown } from '../../core/runbooks/markdown';
import type { StepResult } from '../../core/runbooks/runbook';
import { notebookType } from '../../contributions';
import { failureText } from './not-run';
import { markdownOutput } from './runbook-serializer';
import type { StepRunner } from './step-runner';

export const controllerId = 'dbOps.runbookController';

/** Runs the cells of all runbook notebooks, one after the other, and shows what comes of them. */
export class RunbookController implements vscode.Disposable {
  private readonly controller = vscode.notebooks.createNotebookController(
    controllerId,
    notebookType,
    vscode.l10n.t('DB Ops Runbook'),
  );
  private readonly running = new Map<vscode.NotebookDocument, Set<AbortController>>();
  /** The end of what a notebook has been told to run: one cell after the other. */
  private readonly tails = new WeakMap<vscode.NotebookDocument, Promise<void>>();
  /** The step that the latest verdict of a notebook names. */
  private readonly next = new WeakMap<vscode.NotebookDocument, string | undefined>();
  private readonly nextChanges = new vscode.EventEmitter<void>();
  readonly onDidChangeNext = this.nextChanges.event;

  constructor(
    private readonly steps: StepRunner,
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

  /** Whether the latest verdict names this cell's step as the next one. */
  isNext(cell: vscode.NotebookCell): boolean {
    const step = this.steps.stepOf(cell);
    return step !== undefined && this.next.get(cell.notebook) === step.id;
  }

  dispose(): void {
    for (const notebook of this.running.keys()) this.interrupt(notebook);
    this.controller.dispose();
    this.nextChanges.dispose();
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
      .catch((error: unknown) => this.log.error('Runbook: a cell could not run.', error))
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
      const result = await this.runCell(cell, signal);
      if (result?.acted !== true) continue;
      // What was done is looked at right away: nobody should have to remember it.
      for (const other of notebook.getCells()) {
        if (this.steps.stepOf(other)?.kind === 'verify' && !cells.includes(other)) await this.runCell(other, signal);
      }
    }
  }

  private async runCell(cell: vscode.NotebookCell, signal: AbortSignal): Promise<StepResult | undefined> {
    const execution = this.controller.createNotebookCellExecution(cell);
    execution.start(Date.now());
    const show = (markdown: string): Thenable<void> => execution.replaceOutput(markdownOutput(markdown));
    try {
      const { profile, result } = await this.steps.run(cell, signal);
      await show(`_${escapeMarkdown(profile.name)} · ${timeStamp()}_\n\n${result.markdown}`);
      if (this.steps.stepOf(cell)?.kind === 'verdict') this.markNext(cell.notebook, result.next);
      execution.end(!result.failed, Date.now());
      return result;
    } catch (error) {
      const cancelled = isAbort(error) || signal.aborted;
      const message = cancelled ? vscode.l10n.t('Cancelled.') : failureText(error);
      if (!cancelled) this.log.warn(`Runbook: ${message}`);
      await show(`_${timeStamp()}_\n\n**${escapeMarkdown(message)}**`);
      execution.end(false, Date.now());
      return undefined;
    }
  }

  private markNext(notebook: vscode.NotebookDocument, step: string | undefined): void {
    this.next.set(notebook, step);
    this.nextChanges.fire();
  }
}

function timeStamp(): string {
  return new Date()
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
