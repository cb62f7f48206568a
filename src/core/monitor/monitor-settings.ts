import type { Event } from '../ports/emitter';
import type { Thresholds } from '../health/thresholds';

/** What a person may set about watching; read anew at each poll. */
export interface MonitorSettings {
  /** ms between two polls of sessions, replication and locks. */
  readonly intervalMs: number;
  /** Poll also while no view shows it. */
  readonly inBackground: boolean;
  readonly thresholds: Thresholds;
  readonly onDidChange: Event<void>;
}

/** ms between two readings of the database's size: cheap, and slow to change. */
export const databaseSizeIntervalMs = 60_000;
/** ms between two readings of the largest tables. */
export const tableSizesIntervalMs = 300_000;
