import { formatBytes, formatCount } from '../format/quantities';
import type { Evaluation } from './evaluation';

/** One table; bytes. */
export interface TableSize {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly heapBytes: number;
  readonly toastBytes: number;
  readonly indexBytes: number;
  readonly totalBytes: number;
}

export interface SizeState {
  /** Null where the role may not connect to the database. */
  readonly databaseBytes: number | null;
  /** Largest first. */
  readonly tables: readonly TableSize[];
  /** Tables left out because ACCESS EXCLUSIVE is held on them. */
  readonly skippedLocked: number;
  /** When the tables were read, in ms since the epoch; they are read less often than the database. Null: not yet. */
  readonly tablesAt?: number | null;
  /** Why the latest reading of the tables failed; those listed are older then. */
  readonly tablesProblem?: string | null;
}

/** ms between two readings of the database's size: cheap, and slow to change. */
export const databaseSizeIntervalMs = 60_000;

/** Sizes have no threshold of their own: the disk's capacity is not to be seen by SQL. */
export function evaluateSize(state: SizeState): Evaluation {
  const skipped = state.tablesProblem ? [state.tablesProblem] : [];
  if (state.skippedLocked > 0) {
    skipped.push(`${formatCount(state.skippedLocked, 'table')} skipped: locked exclusively when sizes were read.`);
  }
  if (state.databaseBytes === null) {
    return {
      severity: 'unknown',
      summary: 'size hidden',
      lines: ['This role may not connect to the database, so its size is not told.', ...skipped],
    };
  }
  const largest = state.tables[0];
  return {
    severity: 'ok',
    summary: formatBytes(state.databaseBytes),
    lines: [
      `The database takes ${formatBytes(state.databaseBytes)}.`,
      ...(largest
        ? [`The largest table is ${largest.schema}.${largest.name} with ${formatBytes(largest.totalBytes)}.`]
        : state.tablesProblem
          ? []
          : ['It has no tables.']),
      'How full the disk is cannot be seen by SQL.',
      ...skipped,
    ],
  };
}
