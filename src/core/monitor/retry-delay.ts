import type { DatabaseErrorReason } from '../ports/database-error';

/** The slowest retry, in ms, unless the polling interval itself is longer. */
const slowestMs = 60_000;
/** A server that restarts is often back at once. In ms. */
const firstMs = 1000;

/**
 * Ms until the next attempt after so many failures in a row: soon, then twice after one interval, then twice as late
 * each time up to a minute. `random` in [0, 1) takes up to a fifth off, so that many do not come at once.
 */
export function retryDelay(failures: number, intervalMs: number, random: number): number {
  const planned =
    failures <= 1
      ? Math.min(firstMs, intervalMs)
      : Math.min(Math.max(slowestMs, intervalMs), intervalMs * 2 ** Math.max(0, failures - 3));
  return planned * (1 - 0.2 * random);
}

/** Repeating a wrong password locks accounts: it is tried again only when a person asks. */
export function mayRetry(reason: DatabaseErrorReason | undefined): boolean {
  return reason !== 'password-wrong';
}
