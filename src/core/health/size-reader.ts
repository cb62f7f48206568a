import type { Clock } from '../ports/clock';
import { DatabaseError, endsSession, isAbort } from '../ports/database-error';
import type { Session } from '../ports/session';
import { databaseSizeIntervalMs, type SizeState } from './size';
import { buildSizeState, databaseSizeStatement, tableSizesStatement, type TableSizeRow } from './size-statements';

/** ms between two readings of the largest tables. */
const tableSizesIntervalMs = 300_000;

/** Reads the database's size and, less often, its largest tables. Tables that cannot be read do not hide the database. */
export class SizeReader {
  private triedAt: number | undefined;
  private tables: readonly TableSizeRow[] = [];
  private tablesTriedAt: number | undefined;
  private tablesAt: number | null = null;
  private problem: string | null = null;

  constructor(private readonly clock: Clock) {}

  isDue(everything: boolean): boolean {
    return everything || this.isOver(this.triedAt, databaseSizeIntervalMs);
  }

  /** The session was lost, and with it what was current: the next one reads sizes at once. */
  lose(): void {
    this.triedAt = undefined;
  }

  /** Throws what the size of the database fails with, and whatever ends the session. */
  async read(session: Session, everything: boolean, signal: AbortSignal): Promise<SizeState> {
    this.triedAt = this.clock.now();
    const [bytes] = await session.read(databaseSizeStatement, signal);
    if (everything || this.problem !== null || this.isOver(this.tablesTriedAt, tableSizesIntervalMs)) {
      await this.readTables(session, signal);
    }
    return { ...buildSizeState(bytes ?? null, this.tables), tablesAt: this.tablesAt, tablesProblem: this.problem };
  }

  private async readTables(session: Session, signal: AbortSignal): Promise<void> {
    this.tablesTriedAt = this.clock.now();
    try {
      this.tables = await session.read(tableSizesStatement, signal);
      this.tablesAt = this.clock.now();
      this.problem = null;
    } catch (error) {
      if (isAbort(error) || endsSession(error)) throw error;
      this.problem =
        error instanceof DatabaseError && error.reason === 'lock-timeout'
          ? 'Table sizes skipped: a table was locked exclusively.'
          : `Table sizes not readable: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** The time has passed, or the clock was set back. */
  private isOver(since: number | undefined, intervalMs: number): boolean {
    if (since === undefined) return true;
    const age = this.clock.now() - since;
    return age >= intervalMs || age < 0;
  }
}
