import type { DecisionStore } from '../alerts/decision-store';
import type { Unit } from '../health/signal';
import type { AuditLog } from './audit-log';

/** Which number of which connection. Texts of a server: escape them. */
export interface SeriesKey {
  readonly connectionId: string;
  readonly signal: string;
  readonly subject: string;
}

export interface HistorySample extends SeriesKey {
  readonly unit: Unit;
  /** ms since the epoch */
  readonly at: number;
  readonly value: number;
}

/** One or more samples of a stretch of time that begins at `at` (ms since the epoch). */
export interface HistoryPoint {
  readonly at: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly count: number;
}

/** Raw for a day, five minutes for two weeks, hours for a year and more. */
export type Resolution = 'raw' | 'five minutes' | 'hour';

/** In ms. */
export const resolutionMs: Readonly<Record<Resolution, number>> = { raw: 0, 'five minutes': 300_000, hour: 3_600_000 };
export const keptMs: Readonly<Record<Resolution, number>> = {
  raw: 86_400_000,
  'five minutes': 14 * 86_400_000,
  hour: 400 * 86_400_000,
};

/** The finest resolution that still reaches back to `from`. */
export function resolutionFor(from: number, now: number): Resolution {
  if (now - from <= keptMs.raw) return 'raw';
  return now - from <= keptMs['five minutes'] ? 'five minutes' : 'hour';
}

/** Where numbers and the log of actions are kept. Synchronous: each call is short and bounded. */
export interface HistoryStore extends AuditLog {
  /** Why numbers live only as long as this window; undefined when they are kept. */
  readonly memoryOnly: string | undefined;
  /** What windows decide about incidents together. */
  readonly decisions: DecisionStore;
  /**
   * Takes samples of any series and does a part of the upkeep. Where several windows watch the same connection, one of
   * them writes. Throws when the store cannot take them now; they may be offered again.
   */
  append(samples: readonly HistorySample[], now: number): void;
  /** Oldest first. `to` is not included. */
  read(key: SeriesKey, from: number, to: number, resolution: Resolution): readonly HistoryPoint[];
  /** All series of a connection. */
  series(connectionId: string): readonly (SeriesKey & { readonly unit: Unit })[];
  /** A name that only one window may hold for so long, e.g. to show a message once. True: this one holds it. */
  claim(name: string, forMs: number, now: number): boolean;
  /** Forgets the numbers of a connection. What was done to it stays in the log of actions. */
  forget(connectionId: string): void;
  close(): void;
}
