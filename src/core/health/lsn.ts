/** A position in the WAL as a number of bytes since its beginning. Positions stay below 2^53 for eight petabytes. */
export function parseLsn(text: string): number {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (!match) throw new RangeError(`"${text}" is not a WAL position.`);
  return parseInt(match[1] ?? '', 16) * 2 ** 32 + parseInt(match[2] ?? '', 16);
}

/**
 * Where the primary's WAL was at which time of this client. It answers "how old is what the standby has": `replay_lag`
 * freezes when idle and `now() - last replay` grows on an idle primary, while this needs no clock of the server.
 */
export class LsnHistory {
  private readonly ticks: { at: number; lsn: number }[] = [];

  /** Keeps this many ms; a standby further behind has an unknown lag, which is more than that. */
  constructor(private readonly keepMs = 24 * 3600 * 1000) {}

  /** Records the primary's position at `at` (ms). A position that went back (failover, restore) starts anew. */
  record(at: number, lsn: number): void {
    const last = this.ticks.at(-1);
    if (last && (lsn < last.lsn || at < last.at)) this.ticks.length = 0;
    // While the position stands still only its first and its latest time matter: the standby had it all along.
    if (last && last.lsn === lsn && this.ticks.at(-2)?.lsn === lsn) last.at = at;
    else this.ticks.push({ at, lsn });
    while ((this.ticks[0]?.at ?? at) < at - this.keepMs) this.ticks.shift();
  }

  /**
   * Seconds between `now` and the latest moment at which the primary was at or before `replayed`: 0 when the standby
   * has everything; null when the history does not reach back to it.
   */
  lagSeconds(now: number, replayed: number): number | null {
    const newest = this.ticks.at(-1);
    if (!newest) return null;
    if (replayed >= newest.lsn) return 0;
    for (let index = this.ticks.length - 1; index >= 0; index--) {
      const tick = this.ticks[index];
      if (tick && tick.lsn <= replayed) return Math.max(0, (now - tick.at) / 1000);
    }
    return null;
  }

  /** The time since when this history knows, as the lower bound of an unknown lag; null when empty. */
  get since(): number | null {
    return this.ticks[0]?.at ?? null;
  }
}
