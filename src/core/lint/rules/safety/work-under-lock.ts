import { lockName } from '../../impact/lock-mode';
import { HeldLocks } from '../../held-locks';
import { namesItsRows } from '../../named-rows';
import type { Issue, ScriptRule } from '../../rule';
import type { StatementContext } from '../../statement-context';

export const workUnderLock: ScriptRule = {
  id: 'safety/work-under-lock',
  title: 'Work that takes long while a strong lock is held',
  inUndo: true,
  begin() {
    const locks = new HeldLocks();
    return {
      *statement(context): Generator<Issue> {
        const worst = locks.strongestBefore(context);
        const work = worst && longWork(context);
        if (worst && work !== undefined)
          yield {
            ...context.headToRelation,
            message: `${lockName(worst.mode)} on ${worst.table} is held since an earlier statement of this transaction, and ${work} before it is let go. Move this into a script of its own.`,
          };
        locks.take(context);
      },
    };
  },
};

/** What a statement does that takes long by itself; undefined for what is brief, or reported for its own lock. */
function longWork(context: StatementContext): string | undefined {
  const table = context.keyIn();
  if (table === undefined || context.script.isNewTable(table) || context.isEmpty(table)) return undefined;
  switch (context.type) {
    case 'UpdateStmt':
      return namesItsRows(context) ? undefined : `rows of ${table} are written`;
    case 'DeleteStmt':
      return namesItsRows(context) ? undefined : `rows of ${table} are deleted`;
    case 'MergeStmt':
      return `rows are merged into ${table}`;
    case 'InsertStmt':
      return copiesRows(context) ? `rows are copied into ${table}` : undefined;
    case 'RefreshMatViewStmt':
      return `${table} is filled`;
    default:
      return undefined;
  }
}

/** INSERT … SELECT from a table; VALUES are as many as the script lists. */
function copiesRows(context: StatementContext): boolean {
  const select = context.node['selectStmt'] as
    { readonly SelectStmt?: { readonly fromClause?: readonly unknown[] } } | undefined;
  return (select?.SelectStmt?.fromClause?.length ?? 0) > 0;
}
