import { locksStatement, type LockState } from '../health/blocking';
import { buildLockState } from '../health/blocking-graph';
import { replicationStatement, type ReplicationState } from '../health/replication';
import { ReplicationTracker } from '../health/replication-tracker';
import { sessionsStatement, type SessionsState } from '../health/sessions';
import type { SizeState } from '../health/size';
import { SizeReader } from '../health/size-reader';
import type { Clock } from '../ports/clock';
import type { Session } from '../ports/session';
import { Slot } from './slot';

/** Waiters whose blockers a poll asks for, and with how many of the queue all of them together may be compared. */
const followedWaiters = 50;
const comparedWaiters = 3000;

/** The readings of one server and how they are taken: one statement after another on its one session. */
export class Readings {
  readonly sessions = new Slot<SessionsState>();
  readonly replication = new Slot<ReplicationState>();
  readonly locks = new Slot<LockState>();
  readonly size = new Slot<SizeState>();
  /** Round trip of the quickest statement of the last poll in ms; null before. */
  latencyMs: number | null = null;
  /** What the last reading of replication said about the server's role; undefined when it could not be read. */
  inRecovery: boolean | undefined;
  private readonly tracker = new ReplicationTracker();
  private readonly sizes: SizeReader;

  constructor(private readonly clock: Clock) {
    this.sizes = new SizeReader(clock);
  }

  /** Sessions, replication and locks. Throws only what ends the session; a statement that fails blanks its own signal. */
  async takeActivity(session: Session, signal: AbortSignal): Promise<void> {
    const { major, seesAllSessions } = session.capabilities;
    const roundTrips: number[] = [];
    const timed = async <T>(read: () => Promise<T>): Promise<T> => {
      const before = this.clock.now();
      const result = await read();
      roundTrips.push(this.clock.now() - before);
      return result;
    };
    // Where every session is seen and none waits, there is no graph to ask for.
    let nobodyWaits = false;
    await this.into(this.sessions, async () => {
      const [row] = await timed(() => session.read(sessionsStatement, signal));
      nobodyWaits = row?.lockWaiters === 0;
      return row;
    });
    this.inRecovery = undefined;
    await this.into(this.replication, async () => {
      const [row] = await timed(() => session.read(replicationStatement(major), signal));
      this.inRecovery = row?.inRecovery;
      return row && this.tracker.take(row, this.clock.now());
    });
    await this.into(this.locks, async () => {
      const rows = nobodyWaits
        ? []
        : await timed(() => session.read(locksStatement(major, followedWaiters, comparedWaiters), signal));
      return buildLockState(rows, !seesAllSessions);
    });
    if (roundTrips.length > 0) this.latencyMs = Math.max(0, Math.min(...roundTrips));
  }

  /** Sizes, when their time has come or `everything` is asked for. Returns whether they were read. */
  async takeSizes(session: Session, everything: boolean, signal: AbortSignal): Promise<boolean> {
    if (!this.sizes.isDue(everything)) return false;
    await this.into(this.size, () => this.sizes.read(session, everything, signal));
    return true;
  }

  /** The session is gone, for this reason. */
  lose(message: string): void {
    for (const slot of [this.sessions, this.replication, this.locks, this.size]) slot.lose(message);
    this.sizes.lose();
    this.latencyMs = null;
  }

  private async into<T>(slot: Slot<T>, read: () => Promise<T | undefined>): Promise<void> {
    try {
      const value = await read();
      if (value === undefined) throw new Error('The server sent no row.');
      slot.set(value, this.clock.now());
    } catch (error) {
      slot.fail(error);
    }
  }
}
