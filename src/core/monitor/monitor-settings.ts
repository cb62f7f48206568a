import type { Event } from '../ports/emitter';
import type { Limits } from '../health/check-run';
import type { Thresholds } from '../health/thresholds';

/** What a person may set about watching; read anew at each poll. */
export interface MonitorSettings {
  /** ms between two polls of sessions, replication and locks. */
  readonly intervalMs: number;
  /** Poll also while no view shows it. */
  readonly inBackground: boolean;
  /** What every poll reads is compared with these. */
  thresholds(connectionId: string): Thresholds;
  /** What checks and sources find is compared with these. */
  limits(connectionId: string): Limits;
  readonly onDidChange: Event<void>;
  /** Thresholds were changed: what is known is to be graded anew. */
  readonly onDidChangeThresholds: Event<void>;
}
