import * as os from 'node:os';
import * as vscode from 'vscode';
import type { HistoryStore } from '../../core/history/history-store';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import { systemClock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { ActionGate } from '../../core/runbooks/action-gate';
import { LongWork } from '../../core/runbooks/long-work/long-work';
import { findRunbook } from '../../core/runbooks/registry';
import { freeze, type SessionAction } from '../../core/runbooks/session-actions';
import { Shelf } from '../../core/runbooks/shelf';
import { notebookType, views } from '../../contributions';
import type { RegisteredAlerts } from '../alerts/register-alerts';
import { pickConnection } from '../connections/pick-connection';
import type { TreeElement } from '../tree/element';
import { askParameters } from './ask-parameters';
import { exportIncident } from './export-incident';
import { failureText } from './not-run';
import { showWork, workStore } from './long-work-view';
import { openRunbook } from './open-runbook';
import { OwnDiagnostics } from './own-diagnostics';
import { newOwn, openOwn } from './own-files';
import { OwnRunner } from './own-runner';
import { RunbookController } from './runbook-controller';
import { notebookMeta } from './runbook-serializer';
import { lintOf, workspaceScripts } from './workspace-scripts';
import { StepLabels } from './step-labels';
import { showWhatNow } from './what-now-command';
import { newestMajor, StepRunner } from './step-runner';

/** The runbooks and the actions of the tree, loaded when the first one is used. */
export class Runbooks implements vscode.Disposable {
  private readonly gate: ActionGate;
  private readonly work: LongWork;
  private readonly shelf: Shelf;
  private readonly steps: StepRunner;
  private readonly controller: RunbookController;
  private readonly labels: StepLabels;
  private readonly diagnostics = new OwnDiagnostics();
  private readonly osUser = accountName();
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly monitor: ConnectionMonitor,
    private readonly prompts: Prompts,
    log: Log,
    private readonly extensionId: string,
    private readonly alerts: RegisteredAlerts,
    memento: vscode.Memento,
  ) {
    const history = async (): Promise<HistoryStore> => (await alerts.load()).history;
    const audit = { osUser: this.osUser, log: history };
    this.gate = new ActionGate(monitor, prompts, systemClock, log, audit);
    const snapshot = monitor.snapshot.bind(monitor);
    this.work = new LongWork(this.gate, monitor, prompts, systemClock, workStore(memento), showWork);
    this.shelf = new Shelf({
      connections: monitor,
      gate: this.gate,
      prompts,
      work: this.work,
      snapshot,
      pools: monitor.attachedPools.bind(monitor),
      history,
      scripts: workspaceScripts,
      lintOf,
    });
    this.steps = new StepRunner(this.shelf, monitor, new OwnRunner(monitor, prompts, this.gate));
    this.controller = new RunbookController(this.steps, log);
    this.labels = new StepLabels(this.steps, this.controller);
    this.registration = vscode.notebooks.registerNotebookCellStatusBarItemProvider(notebookType, this.labels);
  }

  /** Opens a runbook from the palette, from an item of the tree or from an alert. */
  async open(id: string, argument: unknown): Promise<void> {
    const entry = findRunbook(id);
    if (!entry) {
      await vscode.commands.executeCommand(`${views.connections}.focus`);
      return;
    }
    const profile = await pickConnection(this.monitor.profiles, this.prompts, argument, entry.title);
    const runbook = await this.shelf.load(id);
    if (!profile || !runbook) return;
    const connect = async (): Promise<Awaited<ReturnType<ConnectionMonitor['session']>>> =>
      vscode.window.withProgress(
        { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Connecting to {0}…', profile.name) },
        () => this.monitor.session(profile.id),
      );
    try {
      const parameters = await askParameters(runbook, connect, this.prompts, {
        named: runbookOf(argument) !== undefined,
        subject: subjectOf(argument),
      });
      if (!parameters) return;
      // A server that cannot be reached does not keep the runbook from opening: its cells say what is wrong.
      const major = runbook.steps.every(({ run }) => !run)
        ? newestMajor
        : await connect().then(
            (session) => session.capabilities.major,
            () => newestMajor,
          );
      const { contacts } = await this.alerts.load();
      const made = { runbook, profile, major, parameters, contacts };
      await openRunbook(made, this.steps, (notebook) => this.controller.prefer(notebook), this.extensionId);
    } catch (error) {
      await this.prompts.notify('error', vscode.l10n.t('{0} was not opened: {1}', entry.title, failureText(error)));
    }
  }

  /** Finds the long work again that this window sent before it was loaded anew. */
  resumeWork(): Promise<void> {
    return this.work.resume();
  }

  /** All signals of a connection as immediate actions. */
  whatNow(argument: unknown): Promise<void> {
    return showWhatNow(this.monitor, this.prompts, argument);
  }

  /** Opens the runbook that a finding or an incident names. */
  async openOf(argument: unknown): Promise<void> {
    const id = runbookOf(argument);
    if (id !== undefined) await this.open(id, argument);
  }

  /** Makes the controller known for a runbook that was opened from a file, and loads its steps. */
  async attach(notebook: vscode.NotebookDocument): Promise<void> {
    this.controller.prefer(notebook);
    const { runbook } = notebookMeta(notebook.metadata);
    if (runbook !== undefined && (await this.shelf.load(runbook))) this.labels.refresh();
  }

  /** Cancel or terminate on a session of the blocking graph in the tree. */
  async signal(element: TreeElement | undefined, action: SessionAction): Promise<void> {
    if (element?.kind !== 'lockSession') return;
    const outcome = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Session {0}…', element.session.pid) },
      () => this.gate.signal(element.connectionId, freeze(element.session), action),
    );
    if (outcome.kind !== 'backed-out') await this.monitor.refresh(element.connectionId).catch(() => undefined);
    if (outcome.kind === 'done' || outcome.kind === 'already-gone') await this.prompts.notify('info', outcome.message);
    else if (outcome.kind !== 'backed-out') await this.prompts.notify('warning', outcome.message);
  }

  /** Makes a runbook of the workspace out of a built-in one. */
  create(): Promise<void> {
    return newOwn(this.shelf, this.prompts);
  }

  /** Opens a runbook of the workspace. */
  openOwn(): Promise<void> {
    return openOwn(this.prompts);
  }

  /** Writes the incident down as Markdown, for the post-mortem. */
  async exportReport(argument: unknown): Promise<void> {
    await exportIncident(argument, this.monitor.profiles, this.prompts, await this.alerts.load(), this.osUser);
  }

  dispose(): void {
    this.diagnostics.dispose();
    this.registration.dispose();
    this.labels.dispose();
    this.controller.dispose();
  }
}

/** The runbook that an element of the tree or an alert names. */
function runbookOf(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { runbook, about } = argument as {
    readonly runbook?: unknown;
    readonly about?: { readonly runbook?: unknown };
  };
  const id = runbook ?? about?.runbook;
  return typeof id === 'string' ? id : undefined;
}

/** What the finding, the incident or the item is about: a slot, a table. */
function subjectOf(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { subject, finding, table } = argument as {
    readonly subject?: unknown;
    readonly finding?: { readonly subject?: unknown };
    readonly table?: Readonly<Record<'schema' | 'name', unknown>>;
  };
  if (typeof table?.schema === 'string' && typeof table.name === 'string') return `${table.schema}.${table.name}`;
  const found = subject ?? finding?.subject;
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function accountName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // An account without an entry, as in some containers.
    return 'unknown';
  }
}
