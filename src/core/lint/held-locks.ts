import type { StatementContext, StrongLock } from './statement-context';

/** The locks that stop writes to tables in use, as a script takes them, by transaction. */
export class HeldLocks {
  private transaction: number | undefined;
  private held = new Map<string, StrongLock>();

  /** What is held when the statement begins. */
  before(context: StatementContext): readonly StrongLock[] {
    if (context.transaction !== this.transaction || context.transaction === undefined) this.held = new Map();
    this.transaction = context.transaction;
    return [...this.held.values()];
  }

  /** Adds what the statement takes; only the first strong lock on a table is kept. @returns those that are new */
  take(context: StatementContext): StrongLock[] {
    const added = context.strongLocks.filter(({ table }) => !this.held.has(table));
    for (const lock of added) this.held.set(lock.table, lock);
    return added;
  }
}
