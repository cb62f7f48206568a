import * as vscode from 'vscode';
import type { ConnectionProfile } from '../../core/connection/profile';
import { DatabaseError, isAbort } from '../../core/ports/database-error';
import type { Connections } from '../../core/ports/connections';
import type { Log } from '../../core/ports/log';
import { escapeMarkdown } from '../../core/runbooks/markdown';
import type { Runbook, Step } from '../../core/runbooks/runbook';
import { notebookType } from '../../contributions';
import { markdownOutput, type NotebookMeta } from './runbook-serializer';

export const controllerId = 'dbOps.runbookController';

/** Runs the steps of runbook notebooks. A cell names a step; the text that stands in it is never sent to a server. */
export class RunbookController<Memory> implements vscode.Disposable {
  private readonly controller = vscode.notebooks.createNotebookController(
    controllerId,
    notebookType,
    vscode.l10n.t('DB Ops Runbook'),
  );
  private readonly memories = new WeakMap<vscode.NotebookDocument, Memory>();
  private readonly running = new Map<vscode.NotebookDocument, AbortController>();
  private order = 0;

  constructor(
    private readonly runbook: Runbook<Memory>,
    private readonly connections: Connections,
    private readonly log: Log,
  ) {
    this.controller.supportedLanguages = ['sql', 'plaintext'];
    this.controller.supportsExecutionOrder = false;
    this.controller.description = vscode.l10n.t('Runs the steps of the runbook on its connection');
    this.controller.executeHandler = (cells, notebook) => this.execute(cells, notebook);
    this.controller.interruptHandler = (notebook) => this.running.get(notebook)?.abort();
  }

  /** Makes this the one that runs a notebook, without asking. */
  prefer(notebook: vscode.NotebookDocument): void {
    this.controller.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
  }

  dispose(): void {
    for (const controller of this.running.values()) controller.abort();
    this.controller.dispose();
  }

  private async execute(cells: readonly vscode.NotebookCell[], notebook: vscode.NotebookDocument): Promise<void> {
    this.running.get(notebook)?.abort();
    const abort = new AbortController();
    this.running.set(notebook, abort);
    try {
      for (const cell of cells) {
        if (abort.signal.aborted) return;
        const step = await this.runCell(cell, notebook, abort.signal);
        // What was done is looked at right away: nobody should have to remember it.
        if (step?.kind === 'act') await this.verify(notebook, cells, abort.signal);
      }
    } finally {
      if (this.running.get(notebook) === abort) this.running.delete(notebook);
    }
  }

  private async verify(
    notebook: vscode.NotebookDocument,
    planned: readonly vscode.NotebookCell[],
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return;
    for (const cell of notebook.getCells()) {
      if (!planned.includes(cell) && this.stepOf(cell)?.kind === 'verify') await this.runCell(cell, notebook, signal);
    }
  }

  private async runCell(
    cell: vscode.NotebookCell,
    notebook: vscode.NotebookDocument,
    signal: AbortSignal,
  ): Promise<Step<Memory> | undefined> {
    const execution = this.controller.createNotebookCellExecution(cell);
    execution.executionOrder = ++this.order;
    execution.start(Date.now());
    const step = this.stepOf(cell);
    try {
      const { profile, result } = await this.runStep(cell, step, notebook, signal);
      const stamp = `*${escapeMarkdown(profile.name)} · ${new Date().toISOString()}*`;
      await execution.replaceOutput(markdownOutput(`${stamp}\n\n${result.markdown}`));
      execution.end(!result.failed, Date.now());
    } catch (error) {
      const message = isAbort(error) || signal.aborted ? vscode.l10n.t('Cancelled.') : failureText(error);
      if (!isAbort(error)) this.log.warn(`Runbook ${this.runbook.id}: ${message}`);
      await execution.replaceOutput(markdownOutput(`**${escapeMarkdown(message)}**`));
      execution.end(false, Date.now());
    }
    return step;
  }

  private async runStep(
    cell: vscode.NotebookCell,
    step: Step<Memory> | undefined,
    notebook: vscode.NotebookDocument,
    signal: AbortSignal,
  ) {
    const meta: NotebookMeta = notebook.metadata;
    if (meta.runbook !== this.runbook.id || meta.version !== this.runbook.version) {
      throw new Error(
        vscode.l10n.t(
          'This file is not a runbook of this version of the extension: it can be read, and nothing in it runs. Open a new one from the palette.',
        ),
      );
    }
    if (!step?.run)
      throw new Error(
        vscode.l10n.t('This cell is not a step of the runbook, so it does not run. Notes go into Markdown cells.'),
      );
    const profile = this.profileOf(meta);
    const session = await this.connections.session(profile.id, signal);
    const text = step.text(session.capabilities.major);
    if (cell.document.getText().replace(/\r\n/g, '\n').trim() !== text.trim()) {
      throw new Error(
        vscode.l10n.t(
          'The text of this cell is not the statement that would run: it was edited, or the server is of another version. Open a new runbook from the palette.',
        ),
      );
    }
    const memory = this.memories.get(notebook) ?? this.runbook.newMemory();
    this.memories.set(notebook, memory);
    return { profile, result: await step.run({ profile, session, memory, now: new Date(), signal }) };
  }

  private profileOf(meta: NotebookMeta): ConnectionProfile {
    const profile = meta.connection && this.connections.profiles.find(meta.connection.id);
    if (profile) return profile;
    throw new Error(
      vscode.l10n.t(
        'The connection {0} of this runbook is not among the saved ones. Open a new runbook for another.',
        meta.connection?.name ?? '?',
      ),
    );
  }

  private stepOf(cell: vscode.NotebookCell): Step<Memory> | undefined {
    const id: unknown = cell.metadata['step'];
    return this.runbook.steps.find((step) => step.id === id);
  }
}

function failureText(error: unknown): string {
  if (error instanceof DatabaseError)
    return error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}
