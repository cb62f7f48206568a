import { locksStatement, type LockState } from '../health/blocking';
import { buildLockState } from '../health/blocking-graph';
import { replicationStatement, type ReplicationState } from '../health/replication';
import { ReplicationTracker } from '../health/replication-tracker';
import { sessionsStatement, type SessionsState } from '../health/sessions';
import {
  buildSizeState,
  databaseSizeStatement,
  tableSizesStatement,
  type SizeState,
  type TableSizeRow,
} from '../health/size';
import type { Clock } from '../ports/clock';
import type { Session } from '../ports/session';
import { databaseSizeIntervalMs, tableSizesIntervalMs } from './monitor-settings';
import { Slot } from './slot';

/** The readings of one server and how they are taken: one statement after another on its one session. */
export class Readings {
  readonly sessions = new Slot<SessionsState>();
  readonly replication = new Slot<ReplicationState>();
  readonly locks = new Slot<LockState>();
  readonly size = new Slot<SizeState>();
  /** Round trip of the first statement of the last poll in ms; null before. */
  latencyMs: number | null = null;
  private tracker = new ReplicationTracker();
  private tables: readonly TableSizeRow[] = [];
  private tablesAt = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** One poll. Throws only what ends the session; one statement that fails blanks its own signal. */
  async take(session: Session, everything: boolean, signal: AbortSignal): Promise<void> {
    const { major, seesAllSessions } = session.capabilities;
    const before = this.clock.now();
    await this.into(this.sessions, async () => {
      const [row] = await session.read(sessionsStatement, signal);
      this.latencyMs = this.clock.now() - before;
      return row;
    });
    await this.into(this.replication, async () => {
      const [row] = await session.read(replicationStatement(major), signal);
      return row && this.tracker.take(row, this.clock.now());
    });
    await this.into(this.locks, async () =>
      buildLockState(await session.read(locksStatement(major), signal), !seesAllSessions),
    );
    const sizeAge = this.clock.now() - (this.size.lastAt ?? -Infinity);
    if (everything || sizeAge >= databaseSizeIntervalMs) await this.takeSizes(session, everything, signal);
  }

  /** The session is gone, for this reason. */
  lose(message: string): void {
    for (const slot of this.slots()) slot.lose(message);
    this.latencyMs = null;
  }

  clear(): void {
    for (const slot of this.slots()) slot.clear();
    this.latencyMs = null;
    this.tracker = new ReplicationTracker();
    this.tables = [];
    this.tablesAt = -Infinity;
  }

  private slots(): readonly Slot<unknown>[] {
    return [this.sessions, this.replication, this.locks, this.size] as readonly Slot<unknown>[];
  }

  private async takeSizes(session: Session, everything: boolean, signal: AbortSignal): Promise<void> {
    await this.into(this.size, async () => {
      const [bytes] = await session.read(databaseSizeStatement, signal);
      if (everything || this.clock.now() - this.tablesAt >= tableSizesIntervalMs) {
        this.tables = await session.read(tableSizesStatement, signal);
        this.tablesAt = this.clock.now();
      }
      return buildSizeState(bytes ?? null, this.tables);
    });
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
