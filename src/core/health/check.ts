import type { Capabilities, Statement } from '../ports/session';
import type { SessionsState } from './sessions';
import type { Finding, SignalAbout, Threshold } from './signal';

/** ms between two readings of a check. */
export const tiers = { activity: 5_000, minute: 60_000, quarter: 900_000 } as const;

/** What was read at one moment, in ms since the epoch. */
export interface Sample<Row> {
  readonly at: number;
  readonly rows: readonly Row[];
}

export interface CheckContext {
  readonly server: Capabilities;
  /** The limits of a signal: those set by the person, else the ones given here. */
  readonly limits: (signal: string, standard: Threshold) => Threshold;
}

/** Sends a statement on the session of the check. */
export type Query = <Row>(statement: Statement<Row>) => Promise<readonly Row[]>;

/** One signal: how it is read, and what it means. `evaluate` is pure. */
export interface CheckDefinition<Row> extends SignalAbout {
  /** How long earlier samples are kept for comparison, in ms; only the newest one when missing. */
  readonly keepMs?: number;
  /** Without pg_read_all_stats the server hides what this check counts. */
  readonly needsFullView?: boolean;
  /** Why this server has no such thing; null when it has. */
  readonly absent?: (server: Capabilities) => string | null;
  /** False where the sessions already tell that there is nothing to read: then there are no rows. */
  readonly isNeeded?: (sessions: SessionsState) => boolean;
  readonly read: (query: Query, context: CheckContext) => Promise<readonly Row[]>;
  /** `samples` are oldest first; the last one is the present. */
  readonly evaluate: (samples: Samples<Row>, context: CheckContext) => readonly Finding[];
}

export interface Samples<Row> {
  readonly now: Sample<Row>;
  /** Oldest first, all within `keepMs`. */
  readonly earlier: readonly Sample<Row>[];
}

export const onlyPrimary = (server: Capabilities): string | null =>
  server.inRecovery ? 'Read on the primary only.' : null;

export const onlyStandby = (server: Capabilities): string | null =>
  server.inRecovery ? null : 'Read on a standby only.';
