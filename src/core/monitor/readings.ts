import type { LockState } from '../health/blocking';
import type { ReplicationState } from '../health/replication';
import type { SessionsState } from '../health/sessions';
import type { SignalOutcome } from '../health/signal';
import type { SizeState } from '../health/size';
import { Slot } from './slot';

/** What was read of one server; `Taker` fills it, and is loaded only when there is something to read. */
export class Readings {
  readonly sessions = new Slot<SessionsState>();
  readonly replication = new Slot<ReplicationState>();
  readonly locks = new Slot<LockState>();
  readonly size = new Slot<SizeState>();
  /** In the order of the checks; none before the first round. */
  signals: readonly SignalOutcome[] = [];
  /** Round trip of the quickest statement of the last poll in ms; null before. */
  latencyMs: number | null = null;
  /** What the last reading of replication said about the server's role; undefined when it could not be read. */
  inRecovery: boolean | undefined;
  /** ms since the epoch of the loss of a session: what was read before it is not current. */
  lostAt: number | undefined;

  /** The session is gone, for this reason. */
  lose(message: string, now: number): void {
    for (const slot of [this.sessions, this.replication, this.locks, this.size]) slot.lose(message);
    this.latencyMs = null;
    this.lostAt = now;
  }
}
