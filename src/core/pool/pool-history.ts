import type { ApplicationPool } from './application-pool';

/** How long a time-out is remembered, and how long connections must stay out to be suspected of a leak. In ms. */
export const timeoutWindowMs = 5 * 60_000;
export const leakWindowMs = 10 * 60_000;

/** Fewer readings than this in the window prove nothing. */
const leastReadings = 6;

/** Why connections seem never to come back. */
export type LeakSuspicion =
  | { readonly kind: 'none' }
  /** Not watched for long enough. */
  | { readonly kind: 'unknown' }
  /** Nothing was returned in the whole window, though so many were out all the time. */
  | { readonly kind: 'held'; readonly connections: number; readonly windowMs: number }
  /** The lowest number in use rose and rose. */
  | { readonly kind: 'rising'; readonly from: number; readonly to: number; readonly windowMs: number };

interface Sample {
  readonly at: number;
  readonly pool: ApplicationPool;
}

/** The last minutes of one pool: what a single reading cannot tell. */
export class PoolHistory {
  private samples: Sample[] = [];
  private readonly failures: { readonly at: number; readonly count: number }[] = [];
  /** When the counter of time-outs fell: the application started anew, or another instance answered. */
  private restartedAt: number | undefined;

  /** `at` in ms. A clock that jumped back, or a sleep that is longer than what is told of, begins a new history. */
  add(pool: ApplicationPool, at: number): void {
    const last = this.samples.at(-1);
    if (last && (at < last.at || at - last.at > timeoutWindowMs)) {
      this.samples = [];
      this.failures.length = 0;
    } else if (last) this.count(last, { at, pool });
    this.samples.push({ at, pool });
    this.samples = this.samples.filter((sample) => at - sample.at <= leakWindowMs);
    while ((this.failures[0]?.at ?? at) < at - timeoutWindowMs) this.failures.shift();
  }

  /** Requests that timed out in the last `timeoutWindowMs`; null while only one reading is known or none is exposed. */
  get recentTimeouts(): number | null {
    const last = this.samples.at(-1);
    if (!last || last.pool.timeouts === null || (this.samples.length < 2 && this.failures.length === 0)) return null;
    return this.failures.reduce((sum, failure) => sum + failure.count, 0);
  }

  /** ms since the epoch; undefined when it was not seen to happen within the window. */
  get restarted(): number | undefined {
    const first = this.samples[0];
    return this.restartedAt !== undefined && first && this.restartedAt >= first.at ? this.restartedAt : undefined;
  }

  get leak(): LeakSuspicion {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last || last.at - first.at < leakWindowMs * 0.9 || this.samples.length < leastReadings) {
      return { kind: 'unknown' };
    }
    const windowMs = last.at - first.at;
    const active = this.samples.map((sample) => sample.pool.active);
    if (active.some((value) => value === null)) return { kind: 'unknown' };
    const lowest = lowestOf(active);
    if (lowest === 0) return { kind: 'none' };
    const returned = difference(first.pool.usage.count, last.pool.usage.count);
    // A connection that was lent for the whole window without one return is out for good, whatever the load.
    if (returned === 0) return { kind: 'held', connections: lowest, windowMs };
    const thirds = [0, 1, 2].map((third) =>
      lowestOf(active.slice(Math.floor((third * active.length) / 3), Math.floor(((third + 1) * active.length) / 3))),
    );
    const [from = 0, middle = 0, to = 0] = thirds;
    return from < middle && middle < to ? { kind: 'rising', from, to, windowMs } : { kind: 'none' };
  }

  private count(last: Sample, next: Sample): void {
    const before = last.pool.timeouts;
    const after = next.pool.timeouts;
    if (before === null || after === null) return;
    if (after < before) this.restartedAt = next.at;
    else if (after > before) this.failures.push({ at: next.at, count: after - before });
  }
}

function lowestOf(values: readonly (number | null)[]): number {
  return Math.min(...values.filter((value) => value !== null));
}

/** Null where one is unknown or the counter fell. */
function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null || after < before ? null : after - before;
}
