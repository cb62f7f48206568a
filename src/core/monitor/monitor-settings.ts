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
