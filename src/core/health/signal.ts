import type { Severity } from './status';
import type { Levels } from './thresholds';

/** The parts below a connection, in the order of the tree. */
export const signalGroups = [
  'pool',
  'replication',
  'locks',
  'queries',
  'size',
  'maintenance',
  'migrations',
  'backups',
] as const;
export type SignalGroup = (typeof signalGroups)[number];

/** The incident runbooks of the operations guide, the procedures of its other parts, and its cheat sheet. */
export const runbookIds = [
  'pool-exhaustion',
  'replication-lag',
  'lock-contention',
  'migration-rollback',
  'migration-failure',
  'scaling',
  'database-unavailable',
  'backup',
  'vacuum',
  'reindex',
  'migration-review',
  'pool-sizing',
  'cheat-sheet',
] as const;
export type RunbookId = (typeof runbookIds)[number];

/** What a value is counted in. A ratio is between 0 and 1; `transactions` are transaction identifiers. */
export type Unit = 'count' | 'ratio' | 'bytes' | 'bytes/day' | 's' | 'ms' | 'days' | 'transactions' | 'calls/s';

/** `hint` is good advice without urgency: it is shown, and it colors nothing. */
export type FindingSeverity = Severity | 'hint';

/** A limit as it was applied: a value beyond the level, in this direction, is a warning or critical. */
export interface Threshold extends Levels {
  readonly direction: 'above' | 'below';
}

/** One number at one moment, as history keeps it and alerts follow it. */
export interface NumericSignal {
  /** What is measured, e.g. `slots.retained`: stable, it is written into settings and into the history. */
  readonly signal: string;
  /** Which of several (a slot, a database, a pool); '' for the server as a whole. Text of a server: escape it. */
  readonly subject: string;
  /** Null is unknown, and never 0. */
  readonly value: number | null;
  readonly unit: Unit;
}

/** A number with its meaning: what the tree shows and what an alert may be raised for. All text is plain. */
export interface Finding extends NumericSignal {
  readonly severity: FindingSeverity;
  /** One line, the subject included when there is one. */
  readonly words: string;
  /** Sentences for the hover: details, causes, reservations. */
  readonly lines: readonly string[];
  /** Null where the finding is no matter of a number. */
  readonly threshold: Threshold | null;
  /** The exact change to make, as SQL or as lines of a configuration. */
  readonly change?: string;
  /** One item of what another finding sums up: shown, and neither kept in the history nor alerted for by itself. */
  readonly detail?: boolean;
}

/** What is the same for all findings of a check. */
export interface SignalAbout {
  /** e.g. `slots`; the part before the dot in `NumericSignal.signal`. */
  readonly id: string;
  readonly group: SignalGroup;
  readonly title: string;
  /** One sentence: what this is and why it matters. */
  readonly explanation: string;
  readonly runbook: RunbookId;
  /** ms between two readings. */
  readonly tierMs: number;
}

/** The latest outcome of a check. */
export interface SignalOutcome {
  readonly about: SignalAbout;
  /** The statements as they were sent, for "explain this"; '' before the first reading. */
  readonly sql: string;
  /** ms since the epoch of what `findings` say; null: never read. */
  readonly at: number | null;
  /** "not read: reason", when the latest attempt failed; findings are older then. */
  readonly problem: string | null;
  /** Why the check does not apply to this server; it then has no findings and is not graded. */
  readonly absent: string | null;
  /** Worst first. */
  readonly findings: readonly Finding[];
}

const order: Readonly<Record<FindingSeverity, number>> = { ok: 0, hint: 1, unknown: 2, warning: 3, critical: 4 };

/** Worst first; what is equally bad stays in its order. */
export function worstFirst<T extends { readonly severity: FindingSeverity }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => order[b.severity] - order[a.severity]);
}
