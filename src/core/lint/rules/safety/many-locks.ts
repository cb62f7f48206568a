import { HeldLocks } from '../../held-locks';
import { lockName } from '../../impact/lock-mode';
import type { Issue, ScriptRule } from '../../rule';
import type { StatementContext, StrongLock } from '../../statement-context';

export const manyLocks: ScriptRule = {
  id: 'safety/many-locks',
  title: 'One transaction takes ACCESS EXCLUSIVE on several tables that are in use',
  inUndo: true,
  begin() {
    const locks = new HeldLocks();
    const reported = new Set<number>();
    return {
      *statement(context): Generator<Issue> {
        const { transaction } = context;
        const held = locks.before(context);
        const told = transaction === undefined || reported.has(transaction);
        const before = told ? [] : [...new Set(held.values())].filter(isExclusive);
        // A table that is dropped is used by nobody, if all went well.
        const added = locks.take(context).filter((one) => isExclusive(one) && !isDropped(context, one));
        const [lock] = added;
        if (!lock || transaction === undefined || before.length === 0) return;
        reported.add(transaction);
        yield {
          start: lock.start,
          end: lock.end,
          message: `${lockName(lock.mode)} on ${lock.table} is waited for while the same on ${before.map(({ table }) => table).join(', ')} is held: a transaction that uses them in the other order is a deadlock, and all of them stay locked until the end. One table a script.`,
        };
      },
    };
  },
};

function isDropped({ type, schema }: StatementContext, { table }: StrongLock): boolean {
  return type === 'DropStmt' && schema.relation(table)?.partitionOf === undefined;
}

function isExclusive({ mode }: StrongLock): boolean {
  return mode === 'AccessExclusive';
}
