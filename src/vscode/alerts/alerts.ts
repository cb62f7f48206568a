import * as vscode from 'vscode';
import { AlertBook } from '../../core/alerts/alert-book';
import { AlertWatch } from '../../core/alerts/alert-watch';
import type { Contacts } from '../../core/alerts/escalation';
import { FleetAlertWatch, isFleetServer, type ReportedFleet } from '../../core/alerts/fleet-alert-watch';
import type { Incident } from '../../core/alerts/incident';
import { notificationText } from '../../core/alerts/notification';
import { HistoryRecorder } from '../../core/history/history-recorder';
import type { HistoryStore, SeriesKey } from '../../core/history/history-store';
import { pastLines } from '../../core/history/past-lines';
import { sizeTrend } from '../../core/history/size-trend';
import type { Trend } from '../../core/history/trend';
import type { Unit } from '../../core/health/signal';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import { systemClock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { openHistory } from '../../files/open-history';
import { AlertActions } from './alert-actions';
import { AlertConfiguration } from './alert-configuration';
import { AlertTree } from './alert-tree';
import type { AlertElement, AlertSurroundings } from './incident-item';
import { StartedWindows } from './started-windows';

const storeKey = 'dbOps.alerts';
/** The book is stored so long after its last change. In ms. */
const saveMs = 2000;

/** Alerts and history, loaded with the first reading or when the view is opened. */
export class Alerts implements vscode.Disposable {
  readonly history: HistoryStore;
  readonly book: AlertBook;
  readonly tree: AlertTree;
  readonly actions: AlertActions;
  readonly onDidChange = (listener: () => void): vscode.Disposable => this.changes.event(listener);
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly configuration: AlertConfiguration;
  private readonly recorder: HistoryRecorder;
  private readonly subscriptions: vscode.Disposable;
  private saving: NodeJS.Timeout | undefined;
  private fleetWatch: FleetAlertWatch | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly monitor: ConnectionMonitor,
    private readonly prompts: Prompts,
    log: Log,
  ) {
    this.history = openHistory(context.globalStorageUri.fsPath, log);
    this.recorder = new HistoryRecorder(this.history, systemClock, log);
    const started = new StartedWindows(context.globalState);
    this.configuration = new AlertConfiguration(log, prompts, monitor.profiles, started.windows);
    this.book = new AlertBook(
      systemClock,
      this.configuration,
      context.globalState.get(storeKey),
      this.history.decisions,
    );
    this.actions = new AlertActions(this.book, prompts, monitor.profiles, started, this.configuration);
    this.tree = new AlertTree(
      this.book,
      () => this.around(),
      (element) => this.pastOf(element),
    );
    const watch = new AlertWatch(monitor, this.book, this.recorder, systemClock);
    this.subscriptions = vscode.Disposable.from(
      watch,
      this.configuration,
      this.book,
      this.changes,
      this.book.onDidChange(() => this.changed()),
      this.book.onDidNotify((incidents) => void this.notify(incidents)),
    );
    for (const { id } of monitor.profiles.list()) watch.take(id);
  }

  /** Whom to ask, by level. */
  get contacts(): Contacts {
    return this.configuration.contacts;
  }

  /** Servers that a Prometheus reports raise alerts too, from now on. */
  watchFleet(fleet: ReportedFleet): void {
    this.fleetWatch?.dispose();
    this.fleetWatch = new FleetAlertWatch(fleet, this.book, systemClock);
  }

  /** How a number went, for a hover. */
  past(key: SeriesKey, unit: Unit): readonly string[] {
    return pastLines(this.history, key, unit, systemClock.now());
  }

  /** How a size grows; undefined where too little is known. */
  trend(key: SeriesKey): Trend | undefined {
    return sizeTrend(this.history, key, systemClock.now());
  }

  dispose(): void {
    clearTimeout(this.saving);
    void this.context.globalState.update(storeKey, this.book.toJSON());
    this.fleetWatch?.dispose();
    this.subscriptions.dispose();
    this.recorder.dispose();
    this.history.close();
  }

  private around(): AlertSurroundings {
    return {
      now: systemClock.now(),
      contacts: this.configuration.contacts,
      muted: new Set(this.book.mutedKeys),
      nameOf: (id) => this.nameOf(id),
    };
  }

  private nameOf(connectionId: string): string {
    if (isFleetServer(connectionId)) return this.fleetWatch?.nameOf(connectionId) ?? connectionId;
    return this.monitor.profiles.find(connectionId)?.name ?? vscode.l10n.t('removed connection');
  }

  private pastOf(element: AlertElement): readonly string[] {
    if (element.kind !== 'incident') return [];
    const { incident } = element;
    const known = this.history.series(incident.connectionId);
    const series = known.find(({ signal, subject }) => signal === incident.signal && subject === incident.subject);
    return series ? this.past(series, series.unit) : [];
  }

  private changed(): void {
    this.changes.fire();
    this.saving ??= setTimeout(() => {
      this.saving = undefined;
      void this.context.globalState.update(storeKey, this.book.toJSON());
    }, saveMs);
  }

  /** One message for what began together, in one of the windows that watch it. */
  private async notify(incidents: readonly Incident[]): Promise<void> {
    const [first] = incidents;
    if (!first) return;
    const open = vscode.l10n.t('Open');
    const snooze = vscode.l10n.t('Snooze…');
    const never = vscode.l10n.t('Never for This');
    const text = notificationText(incidents, (id) => this.nameOf(id));
    const level = incidents.some(({ severity }) => severity === 'critical') ? 'error' : 'warning';
    const choices = incidents.length === 1 ? [open, snooze, never] : [open, snooze];
    const pressed = await this.prompts.notify(level, text, ...choices);
    if (pressed === open) await this.actions.open(first);
    else if (pressed === snooze) await this.actions.snooze(incidents);
    else if (pressed === never) this.book.mute(first.key);
  }
}
