import * as vscode from 'vscode';
import { systemClock } from '../../core/ports/clock';
import type { Connections } from '../../core/ports/connections';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { ActionGate } from '../../core/runbooks/action-gate';
import { lockContention, type LockMemory } from '../../core/runbooks/lock-contention';
import type { Runbook } from '../../core/runbooks/runbook';
import { freeze, type SessionAction } from '../../core/runbooks/session-actions';
import { pickConnection } from '../connections/pick-connection';
import type { TreeElement } from '../tree/element';
import { notebookType } from '../../contributions';
import { openRunbook } from './open-runbook';
import { RunbookController } from './runbook-controller';
import { StepLabels } from './step-labels';

/** The runbooks and the actions of the tree, loaded when the first one is used. */
export class Runbooks implements vscode.Disposable {
  private readonly gate: ActionGate;
  private readonly runbook: Runbook<LockMemory>;
  private readonly controller: RunbookController<LockMemory>;
  private readonly labels: vscode.Disposable;

  constructor(
    private readonly connections: Connections,
    private readonly prompts: Prompts,
    log: Log,
    private readonly extensionId: string,
    private readonly refresh: (connectionId: string) => Promise<void>,
  ) {
    this.gate = new ActionGate(connections, prompts, systemClock, log);
    this.runbook = lockContention(this.gate, prompts);
    const controller = new RunbookController(this.runbook, connections, log);
    this.controller = controller;
    this.labels = vscode.notebooks.registerNotebookCellStatusBarItemProvider(
      notebookType,
      new StepLabels((cell) => controller.stepOf(cell)?.kind),
    );
  }

  async openLockContention(argument: unknown): Promise<void> {
    const profile = await pickConnection(
      this.connections.profiles,
      this.prompts,
      argument,
      vscode.l10n.t('Lock Contention'),
    );
    if (profile) await openRunbook(this.runbook, this.controller, this.connections, profile, this.extensionId);
  }

  /** Makes the controller known for a runbook that was opened from a file. */
  attach(notebook: vscode.NotebookDocument): void {
    this.controller.prefer(notebook);
  }

  /** Cancel or terminate on a session of the blocking graph in the tree. */
  async signal(element: TreeElement | undefined, action: SessionAction): Promise<void> {
    if (element?.kind !== 'lockSession') return;
    const outcome = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Session {0}…', element.session.pid) },
      () => this.gate.signal(element.connectionId, freeze(element.session), action),
    );
    if (outcome.kind !== 'backed-out') await this.refresh(element.connectionId).catch(() => undefined);
    if (outcome.kind === 'done' || outcome.kind === 'already-gone') await this.prompts.notify('info', outcome.message);
    else if (outcome.kind !== 'backed-out') await this.prompts.notify('warning', outcome.message);
  }

  dispose(): void {
    this.labels.dispose();
    this.controller.dispose();
  }
}
