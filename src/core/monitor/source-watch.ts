import type { Reading } from '../health/status';
import type { Clock } from '../ports/clock';
import { endsSession, isAbort } from '../ports/database-error';
import type { Disposable } from '../ports/disposable';
import { retryDelay } from './retry-delay';
import { Slot } from './slot';

export interface SourceWatchOptions<T> {
  readonly clock: Clock;
  /** ms between two readings. */
  readonly intervalMs: () => number;
  /** Polls may run now. */
  readonly mayPoll: () => boolean;
  readonly read: (signal: AbortSignal) => Promise<T>;
  /** Something was read, or could not be. */
  readonly changed: () => void;
}

/** Reads one source again and again: one reading at a time, slower while it fails, none while nobody looks. */
export class SourceWatch<T> implements Disposable {
  private readonly slot = new Slot<T>();
  private readonly life = new AbortController();
  private timer: Disposable | undefined;
  private failures = 0;
  private reading = false;
  private triedAt: number | undefined;

  constructor(private readonly options: SourceWatchOptions<T>) {
    void this.poll();
  }

  /** As of now; stale when two readings should have come since. */
  current(): Reading<T> {
    const { clock, intervalMs } = this.options;
    return this.slot.reading(clock.now(), 2 * intervalMs() + 10_000);
  }

  /** ms since the epoch of the end of the last attempt, whatever came of it; undefined before the first. */
  get lastAt(): number | undefined {
    return this.triedAt;
  }

  /** Reads now, unless it is being read. */
  async poll(): Promise<void> {
    if (this.reading || this.life.signal.aborted) return;
    this.timer?.dispose();
    const { clock, mayPoll, changed } = this.options;
    if (mayPoll()) {
      this.reading = true;
      try {
        this.slot.set(await this.options.read(this.life.signal), clock.now());
        this.failures = 0;
      } catch (error) {
        if (this.isOver()) return;
        this.failures++;
        if (endsSession(error)) this.slot.lose(error instanceof Error ? error.message : String(error));
        // Not given up by this watch: it goes on.
        else this.slot.fail(isAbort(error) ? new Error('The reading was given up.') : error);
      } finally {
        this.reading = false;
      }
      if (this.isOver()) return;
      this.triedAt = clock.now();
      changed();
    }
    this.schedule();
  }

  dispose(): void {
    this.life.abort();
    this.timer?.dispose();
  }

  private schedule(): void {
    const { clock, intervalMs } = this.options;
    const ms =
      this.failures > 0
        ? Math.max(intervalMs(), retryDelay(this.failures, intervalMs(), clock.random()))
        : intervalMs();
    this.timer = clock.after(ms, () => void this.poll());
  }

  /** A method, for the value changes while something is read. */
  private isOver(): boolean {
    return this.life.signal.aborted;
  }
}
