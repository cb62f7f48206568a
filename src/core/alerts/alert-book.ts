import type { SignalOutcome } from '../health/signal';
import type { Clock } from '../ports/clock';
import type { Disposable } from '../ports/disposable';
import { Emitter } from '../ports/emitter';
import type { AlertSettings } from './alert-settings';
import { MemoryDecisions, type Decision, type DecisionStore } from './decision-store';
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
    this.share(() => this.decisions.end(incident.key));
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

  /**
   * @param stored what `toJSON` gave in an earlier life
   * @param decisions what other windows decide too
   */
  constructor(
    private readonly clock: Clock,
    private readonly settings: AlertSettings,
    stored?: unknown,
    private readonly decisions: DecisionStore = new MemoryDecisions(),
  ) {
    const known = readStoredAlerts(stored);
    for (const incident of known.active) this.tracker.restore(incident, clock.now());
    this.past = [...known.past];
    this.muted = new Set(known.muted);
    // Those of before there was a store are the others' too; later its word counts.
    for (const key of this.muted) this.share(() => decisions.setMuted(key, true));
    this.follow(clock.now());
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
    this.share(() => this.decisions.setMuted(key, true));
    this.changed();
  }

  unmute(key: string): void {
    this.muted.delete(key);
    this.share(() => this.decisions.setMuted(key, false));
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
    for (const [key, incident] of active) {
      if (incident.id !== id) continue;
      const changed = change(incident);
      active.set(key, changed);
      this.share(() => this.decisions.decide(key, decisionOf(changed), this.clock.now()));
    }
    this.changed();
  }

  /** Takes over what other windows have decided. Returns whether that changed anything here. */
  private follow(now: number): boolean {
    const { active } = this.tracker;
    let changed = false;
    this.share(() => {
      const muted = this.decisions.muted();
      changed = muted.size !== this.muted.size || [...muted].some((key) => !this.muted.has(key));
      this.muted.clear();
      for (const key of muted) this.muted.add(key);
      for (const [key, decision] of this.decisions.read(now)) {
        const incident = active.get(key);
        const followed = incident && withDecision(incident, decision);
        if (!followed || followed === incident) continue;
        active.set(key, followed);
        changed = true;
      }
      if (active.size > 0) this.decisions.seen([...active.keys()], now);
    });
    return changed;
  }

  /** A store that is busy or broken must not keep an alert from anybody. Returns whether it worked. */
  private share(action: () => void): boolean {
    try {
      action();
      return true;
    } catch {
      return false;
    }
  }

  /** One of the windows tells; where that cannot be found out, this one. */
  private isOurs(key: string, now: number): boolean {
    let ours = true;
    this.share(() => (ours = this.decisions.claim(key, now)));
    return ours;
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
    const followed = this.follow(now);
    const due = this.incidents.filter((incident) =>
      isDue(incident, {
        now,
        level: this.settings.notifyFrom,
        muted: this.muted.has(incident.key),
        inMaintenance: openWindow(this.settings.maintenance, incident.connectionId, now) !== undefined,
      }),
    );
    const ours = due.filter(({ key }) => this.isOurs(key, now));
    for (const incident of due) {
      this.tracker.active.set(incident.key, { ...incident, notifiedAt: now, snoozedUntil: null });
    }
    if (due.length > 0 || followed) this.changes.fire();
    if (ours.length > 0) this.notifications.fire(ours);
    if (this.tracker.active.size > 0) this.schedule(checkMs);
  }
}

function decisionOf({ notifiedAt, acknowledgedAt, acknowledgedBy, snoozedUntil }: Incident): Decision {
  return { toldAt: notifiedAt, acknowledgedAt, acknowledgedBy, snoozedUntil };
}

/** The same object where the decision says nothing new. */
function withDecision(incident: Incident, decision: Decision): Incident {
  const { toldAt, snoozedUntil } = decision;
  const { acknowledgedAt, acknowledgedBy } = decision.acknowledgedAt === null ? incident : decision;
  // Snoozed in another window: to be told again when that is over.
  const told =
    toldAt !== null
      ? { notifiedAt: toldAt, snoozedUntil: null }
      : snoozedUntil !== null
        ? { notifiedAt: null, snoozedUntil }
        : {};
  const followed = { ...incident, acknowledgedAt, acknowledgedBy, ...told };
  return JSON.stringify(followed) === JSON.stringify(incident) ? incident : followed;
}
