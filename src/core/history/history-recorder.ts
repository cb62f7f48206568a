import type { NumericSignal } from '../health/signal';
import type { Clock } from '../ports/clock';
import type { Disposable } from '../ports/disposable';
import type { Log } from '../ports/log';
import type { HistorySample, HistoryStore } from './history-store';

/** How often samples are written, in ms. A crash loses no more than this. */
const flushMs = 10_000;

/** Samples that wait for a store that cannot take them now; the oldest go first. */
const mostWaiting = 50_000;

/** Gathers the numbers of all connections and writes them in batches. */
export class HistoryRecorder implements Disposable {
  private waiting: HistorySample[] = [];
  private timer: Disposable | undefined;
  /** When each check of each connection was last taken: the same reading is kept once. */
  private readonly taken = new Map<string, number>();
  private failing = false;

  constructor(
    private readonly store: HistoryStore,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Numbers of one reading. What is unknown leaves a gap.
   * @param check tells readings apart that come at different times
   * @param at when it was read, in ms since the epoch
   */
  record(connectionId: string, check: string, numbers: readonly NumericSignal[], at: number): void {
    const key = JSON.stringify([connectionId, check]);
    if (this.taken.get(key) === at) return;
    this.taken.set(key, at);
    for (const { signal, subject, unit, value } of numbers) {
      if (value !== null && Number.isFinite(value)) {
        this.waiting.push({ connectionId, signal, subject, unit, at, value });
      }
    }
    if (this.waiting.length > 2 * mostWaiting) this.waiting = this.waiting.slice(-mostWaiting);
    this.timer ??= this.clock.after(flushMs, () => {
      this.timer = undefined;
      this.flush();
    });
  }

  /** Writes what waits; what cannot be written now waits for the next time. */
  flush(): void {
    if (this.waiting.length === 0) return;
    const batch = this.waiting;
    this.waiting = [];
    try {
      this.store.append(batch, this.clock.now());
      this.failing = false;
    } catch (error) {
      this.waiting = [...batch, ...this.waiting].slice(-mostWaiting);
      if (!this.failing) this.log.warn(`The history could not be written: ${String(error)}. It is tried again.`);
      this.failing = true;
    }
  }

  /** The connection was removed, with its past. */
  forget(connectionId: string): void {
    this.waiting = this.waiting.filter((sample) => sample.connectionId !== connectionId);
    for (const key of [...this.taken.keys()]) {
      if ((JSON.parse(key) as readonly unknown[])[0] === connectionId) this.taken.delete(key);
    }
    this.store.forget(connectionId);
  }

  /** Writes what waits. The store is its owner's to close. */
  dispose(): void {
    this.timer?.dispose();
    this.flush();
  }
}
