/** A position in the WAL as a number of bytes since its beginning. Positions stay below 2^53 for eight petabytes. */
export function parseLsn(text: string): number {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (!match) throw new RangeError(`"${text}" is not a WAL position.`);
  return parseInt(match[1] ?? '', 16) * 2 ** 32 + parseInt(match[2] ?? '', 16);
}

/** How old the data of a standby is, in seconds. */
export interface Lag {
  /** Between two readings of the primary the WAL is taken to have grown evenly; null when it began before the history. */
  readonly estimate: number | null;
  /** Certain: the oldest WAL that is missing was written before this. 0 when it may have been written just now. */
  readonly atLeast: number;
}

interface Tick {
  /** ms since the epoch. */
  at: number;
  readonly lsn: number;
}

/** Over a longer time without a reading nothing is interpolated. In ms; more than the longest polling interval. */
const longestGapMs = 600_000;

/**
 * Where the primary's WAL was at which time of this client. It answers "how old is what the standby has": `replay_lag`
 * freezes when idle and `now() - last replay` grows on an idle primary, while this needs no clock of the server.
 */
export class LsnHistory {
  private ticks: Tick[] = [];

  /** At most this many readings are kept; the older half is thinned then, which costs precision and not reach. */
  constructor(private readonly capacity = 512) {}

  /** Records the primary's position at `at` (ms). A position or a clock that went back, or a long gap, starts anew. */
  record(at: number, lsn: number): void {
    const last = this.ticks.at(-1);
    if (last && (lsn < last.lsn || at < last.at || at - last.at > longestGapMs)) this.ticks = [];
    // While the position stands still only its first and its latest time matter.
    if (this.ticks.length > 1 && last?.lsn === lsn && this.ticks.at(-2)?.lsn === lsn) last.at = at;
    else this.ticks.push({ at, lsn });
    if (this.ticks.length <= this.capacity) return;
    const half = this.capacity / 2;
    this.ticks = this.ticks.filter((_, index) => index >= half || index % 2 === 0);
  }

  /** The lag at `now` (ms) of one that has replayed up to `replayed`; null when nothing was recorded. */
  lag(now: number, replayed: number): Lag | null {
    const newest = this.ticks.at(-1);
    if (!newest) return null;
    if (replayed >= newest.lsn) return { estimate: 0, atLeast: 0 };
    // The first reading of the primary that the standby has not reached, and the one before it.
    let index = this.ticks.length - 1;
    while (index > 0 && (this.ticks[index - 1]?.lsn ?? 0) > replayed) index--;
    const after = this.ticks[index] ?? newest;
    const before = this.ticks[index - 1];
    const atLeast = Math.max(0, (now - after.at) / 1000);
    if (!before) return { estimate: null, atLeast };
    const part = (replayed - before.lsn) / (after.lsn - before.lsn);
    return { estimate: Math.max(0, (now - before.at - part * (after.at - before.at)) / 1000), atLeast };
  }
}
