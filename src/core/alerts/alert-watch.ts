import { numbersOf } from '../history/numbers-of';
import type { HistoryRecorder } from '../history/history-recorder';
import type { NumericSignal } from '../health/signal';
import type { Thresholds } from '../health/thresholds';
import { observedOutcomes } from '../monitor/observed-outcomes';
import type { ServerSnapshot } from '../monitor/snapshot';
import type { ProfileStore } from '../ports/connections';
import type { Clock } from '../ports/clock';
import { joinDisposables, type Disposable } from '../ports/disposable';
import type { Event } from '../ports/emitter';
import type { AlertBook } from './alert-book';
import { isFleetServer } from './fleet-alert-watch';

/** Several things of a poll come at once and are looked at together. In ms. */
const gatherMs = 1000;

/** What lasts is looked at this often, also where polls are rare: time passes for alerts too. In ms. */
const tickMs = 15_000;

/** What is watched, as the alerts and the history need it. */
export interface Watched {
  readonly profiles: ProfileStore;
  snapshot(connectionId: string): ServerSnapshot;
  attachedNumbers(connectionId: string): readonly NumericSignal[];
  thresholds(connectionId: string): Thresholds;
  readonly onDidRead: Event<string>;
}

/** Carries what is read of every server to the alerts and into the history. */
export class AlertWatch implements Disposable {
  private readonly waiting = new Set<string>();
  private gathering: Disposable | undefined;
  private tick: Disposable | undefined;
  private known: ReadonlySet<string>;
  private readonly subscriptions: Disposable;

  constructor(
    private readonly watched: Watched,
    private readonly book: AlertBook,
    private readonly recorder: HistoryRecorder,
    private readonly clock: Clock,
  ) {
    this.known = this.ids();
    this.dropRemoved();
    this.subscriptions = joinDisposables(
      watched.onDidRead((id) => this.take(id)),
      watched.profiles.onDidChange(() => this.followProfiles()),
    );
    this.schedule();
  }

  /** Looks at one connection soon. */
  take(connectionId: string): void {
    this.waiting.add(connectionId);
    this.gathering ??= this.clock.after(gatherMs, () => {
      this.gathering = undefined;
      const ids = [...this.waiting];
      this.waiting.clear();
      for (const id of ids) this.look(id);
    });
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.gathering?.dispose();
    this.tick?.dispose();
  }

  private look(connectionId: string): void {
    if (!this.known.has(connectionId)) return;
    const now = this.clock.now();
    const snapshot = this.watched.snapshot(connectionId);
    const outcomes = observedOutcomes(snapshot, now, this.watched.thresholds(connectionId));
    this.book.observe(connectionId, outcomes);
    if (!snapshot.watched) return;
    const attached = this.watched.attachedNumbers(connectionId);
    if (attached.length > 0) this.recorder.record(connectionId, 'attached', attached, now);
    for (const outcome of outcomes) {
      // Whether it answers is known at any time; once for each look is enough.
      if (outcome.at !== null) this.recorder.record(connectionId, outcome.about.id, numbersOf(outcome), outcome.at);
    }
  }

  private schedule(): void {
    this.tick = this.clock.after(tickMs, () => {
      for (const id of this.known) this.take(id);
      this.schedule();
    });
  }

  private followProfiles(): void {
    const present = this.ids();
    for (const id of this.known) {
      if (present.has(id)) continue;
      this.book.drop(id);
      this.recorder.forget(id);
    }
    this.known = present;
  }

  /** Connections that were removed while nobody watched leave their incidents in the store. */
  private dropRemoved(): void {
    const followed = new Set(this.book.incidents.map(({ connectionId }) => connectionId));
    for (const id of followed) if (!this.known.has(id) && !isFleetServer(id)) this.book.drop(id);
  }

  private ids(): ReadonlySet<string> {
    return new Set(this.watched.profiles.list().map(({ id }) => id));
  }
}
