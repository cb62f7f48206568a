import type { SignalOutcome } from '../health/signal';
import type { Clock } from '../ports/clock';
import type { Disposable } from '../ports/disposable';
import { Emitter } from '../ports/emitter';
import type { AlertSettings } from './alert-settings';
import { AlertTracker } from './alert-tracker';
import type { Incident } from './incident';
import { openWindow } from './maintenance';
import { isDue } from './notification';
import { readStoredAlerts, type StoredAlerts } from './stored-alerts';

/** So many ended incidents are kept. */
const mostPast = 200;

/** Incidents that open together are told together: a lost network is one message, not fifty. In ms. */
const batchMs = 1500;

/** How soon the end of a snooze or of a window is noticed. In ms. */
const checkMs = 15_000;

/** The incidents of all connections, what a person decided about them, and when a person is to be told. */
export class AlertBook implements Disposable {
  private readonly tracker = new AlertTracker((incident) => {
    this.past = [incident, ...this.past].slice(0, mostPast);
  });
  private past: Incident[];
  private readonly muted: Set<string>;
  private readonly changes = new Emitter<void>();
  private readonly notifications = new Emitter<readonly Incident[]>();
  private check: Disposable | undefined;
  private checkDue = 0;
  /** Something changed: the view and the store follow. */
  readonly onDidChange = this.changes.event;
  /** These are to be told now, in one message. Each incident is told once, again only when a snooze is over. */
  readonly onDidNotify = this.notifications.event;
  private readonly settingsChange: Disposable;

  /** @param stored what `toJSON` gave in an earlier life */
  constructor(
    private readonly clock: Clock,
    private readonly settings: AlertSettings,
    stored?: unknown,
  ) {
    const known = readStoredAlerts(stored);
    for (const incident of known.active) this.tracker.restore(incident, clock.now());
    this.past = [...known.past];
    this.muted = new Set(known.muted);
    this.settingsChange = settings.onDidChange(() => this.changed());
  }

  /** Worst first, then the newest. */
  get incidents(): readonly Incident[] {
    const rank = (one: Incident): number => (one.severity === 'critical' ? 0 : 1);
    return [...this.tracker.active.values()].sort((a, b) => rank(a) - rank(b) || b.openedAt - a.openedAt);
  }

  /** The latest first. */
  get ended(): readonly Incident[] {
    return this.past;
  }

  get mutedKeys(): readonly string[] {
    return [...this.muted];
  }

  /** All checks of one connection as they stand; call it after each poll. */
  observe(connectionId: string, outcomes: readonly SignalOutcome[]): void {
    const now = this.clock.now();
    let changed = false;
    for (const outcome of outcomes) {
      changed = this.tracker.observe(connectionId, outcome, this.settings.overrides, now) || changed;
    }
    if (changed) this.changed();
  }

  drop(connectionId: string): void {
    this.tracker.drop(connectionId, this.clock.now());
    this.changed();
  }

  acknowledge(id: string, by: string): void {
    this.edit(id, (incident) => ({ ...incident, acknowledgedAt: this.clock.now(), acknowledgedBy: by }));
  }

  /** Not told again until then. */
  snooze(id: string, ms: number): void {
    this.edit(id, (incident) => ({ ...incident, snoozedUntil: this.clock.now() + ms, notifiedAt: null }));
  }

  /** Never told again, whatever it does, until `unmute`. The incident itself stays in the view. */
  mute(key: string): void {
    this.muted.add(key);
    this.changed();
  }

  unmute(key: string): void {
    this.muted.delete(key);
    this.changed();
  }

  /** For the store. */
  toJSON(): StoredAlerts {
    return { version: 1, active: [...this.tracker.active.values()], past: this.past, muted: [...this.muted] };
  }

  dispose(): void {
    this.check?.dispose();
    this.settingsChange.dispose();
    this.changes.dispose();
    this.notifications.dispose();
  }

  private edit(id: string, change: (incident: Incident) => Incident): void {
    const { active } = this.tracker;
    for (const [key, incident] of active) if (incident.id === id) active.set(key, change(incident));
    this.changed();
  }

  private changed(): void {
    this.changes.fire();
    this.schedule(batchMs);
  }

  /** A check that is due sooner stays: readings come all the time and must not put it off. */
  private schedule(ms: number): void {
    const due = this.clock.now() + ms;
    if (this.check && this.checkDue <= due) return;
    this.check?.dispose();
    this.checkDue = due;
    this.check = this.clock.after(ms, () => {
      this.check = undefined;
      this.notify();
    });
  }

  /** Tells what is due and not yet told, and comes back while a snooze or a window may end. */
  private notify(): void {
    const now = this.clock.now();
    const due = this.incidents.filter((incident) =>
      isDue(incident, {
        now,
        level: this.settings.notifyFrom,
        muted: this.muted.has(incident.key),
        inMaintenance: openWindow(this.settings.maintenance, incident.connectionId, now) !== undefined,
      }),
    );
    for (const incident of due) {
      this.tracker.active.set(incident.key, { ...incident, notifiedAt: now, snoozedUntil: null });
    }
    if (due.length > 0) {
      this.changes.fire();
      this.notifications.fire(due);
    }
    if (this.tracker.active.size > 0) this.schedule(checkMs);
  }
}
