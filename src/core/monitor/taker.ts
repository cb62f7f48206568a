import { polledLocksStatement } from '../health/blocking';
import { buildLockState } from '../health/blocking-graph';
import type { Limits, RunningCheck } from '../health/check-run';
import { startChecks } from '../health/checks/all-checks';
import { replicationStatement } from '../health/replication';
import { ReplicationTracker } from '../health/replication-tracker';
import { sessionsStatement } from '../health/sessions-statement';
import { SizeReader } from '../health/size-reader';
import type { Clock } from '../ports/clock';
import type { Session } from '../ports/session';
import type { Readings } from './readings';
import type { Slot } from './slot';

/** Checks that one poll runs, and how long it may take: the next poll of what changes fast must not wait. In ms. */
const checksAtOnce = 20;
const checksMs = 1500;

/** Takes the readings of one server: one statement after another on its one session. */
export class Taker {
  private readonly tracker = new ReplicationTracker();
  private readonly sizes: SizeReader;
  private readonly checks: readonly RunningCheck[];
  private rounds = 0;

  constructor(
    private readonly readings: Readings,
    private readonly clock: Clock,
    limits: Limits = (_, standard) => standard,
  ) {
    this.sizes = new SizeReader(clock);
    this.checks = startChecks(limits);
  }

  /** Sessions, replication and locks. Throws only what ends the session; a statement that fails blanks its own signal. */
  async takeActivity(session: Session, signal: AbortSignal): Promise<void> {
    const { readings } = this;
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
    await this.into(readings.sessions, async () => {
      const [row] = await timed(() => session.read(sessionsStatement, signal));
      nobodyWaits = row?.lockWaiters === 0;
      return row;
    });
    readings.inRecovery = undefined;
    await this.into(readings.replication, async () => {
      const [row] = await timed(() => session.read(replicationStatement(major), signal));
      readings.inRecovery = row?.inRecovery;
      return row && this.tracker.take(row, this.clock.now());
    });
    await this.into(readings.locks, async () => {
      const rows = nobodyWaits ? [] : await timed(() => session.read(polledLocksStatement(major), signal));
      return buildLockState(rows, !seesAllSessions);
    });
    if (roundTrips.length > 0) readings.latencyMs = Math.max(0, Math.min(...roundTrips));
  }

  /** Sizes, when their time has come or `everything` is asked for. Returns whether they were read. */
  async takeSizes(session: Session, everything: boolean, signal: AbortSignal): Promise<boolean> {
    if (!this.sizes.isDue(everything)) return false;
    await this.into(this.readings.size, () => this.sizes.read(session, everything, signal));
    return true;
  }

  /**
   * The checks that are due, those that have waited the longest first; with `everything` all of them. What does not fit
   * into the time of one poll stays due. Throws only what ends the session. Returns whether any was run.
   */
  async takeSignals(session: Session, everything: boolean, signal: AbortSignal): Promise<boolean> {
    const begun = this.clock.now();
    // When a server comes into sight all are due anyway, and may come one after another.
    const hurried = everything && this.rounds > 0;
    if (hurried) for (const check of this.checks) check.hurry();
    this.rounds++;
    const reading = this.readings.sessions.reading(begun, checksMs);
    const sessions = reading.kind === 'value' && !reading.stale ? reading.value : undefined;
    const due = this.checks
      .filter((check) => check.isDue(begun))
      .sort((a, b) => (a.triedAt ?? 0) - (b.triedAt ?? 0))
      .slice(0, hurried ? this.checks.length : checksAtOnce);
    for (const check of due) {
      await check.run(session, sessions, () => this.clock.now(), signal);
      this.readings.signals = this.checks.map(({ outcome }) => outcome);
      const taken = this.clock.now() - begun;
      if (taken > checksMs || taken < 0) break;
    }
    return due.length > 0;
  }

  /** Thresholds were changed: samples of before are compared with the new ones, and what asks by them asks anew. */
  regrade(): void {
    for (const check of this.checks) check.regrade();
    this.readings.signals = this.checks.map(({ outcome }) => outcome);
  }

  /** The session was lost, and with it what was current. */
  lose(): void {
    this.sizes.lose();
    for (const check of this.checks) check.hurry();
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
