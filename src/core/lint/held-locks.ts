import { relationKey } from '../rollback/script-memory';
import { textOf } from '../rollback/tree';
import { schemaPrefix } from '../sql/replay/change-relation';
import { strength } from './impact/lock-mode';
import type { StatementContext, StrongLock } from './statement-context';

/** The locks that stop writes to tables in use, as a script takes them, by transaction. */
export class HeldLocks {
  private transaction: number | undefined;
  private held = new Map<string, StrongLock>();
  private first: StrongLock | undefined;

  /** What is held when the statement begins; it grows with the next `take`. */
  before(context: StatementContext): ReadonlyMap<string, StrongLock> {
    if (context.transaction !== this.transaction || context.transaction === undefined) {
      if (this.held.size > 0) this.held = new Map();
      this.first = undefined;
    }
    this.transaction = context.transaction;
    return this.held;
  }

  /** The strongest of them, the first where several are. */
  strongestBefore(context: StatementContext): StrongLock | undefined {
    this.before(context);
    return this.first;
  }

  /** Adds what the statement takes; only the first strong lock on a table is kept. @returns those that are new */
  take(context: StatementContext): StrongLock[] {
    const added = context.strongLocks.filter(({ table }) => !this.held.has(table));
    for (const lock of added) {
      this.held.set(lock.table, lock);
      if (!this.first || strength(lock.mode) > strength(this.first.mode)) this.first = lock;
    }
    const [before, after] = renamed(context) ?? [];
    const lock = before === undefined ? undefined : this.held.get(before);
    if (lock && after !== undefined) this.held.set(after, lock);
    return added;
  }
}

/** The key of a relation that gets another name or schema, and the one that it has then: the lock stays on it. */
function renamed(context: StatementContext): readonly [string, string] | undefined {
  const { node, type } = context;
  const key = context.keyIn();
  if (key === undefined) return undefined;
  if (type === 'RenameStmt' && ofRelations.has(textOf(node, 'renameType') ?? ''))
    return [key, schemaPrefix(key) + context.name(textOf(node, 'newname'))];
  if (type !== 'AlterObjectSchemaStmt') return undefined;
  const schema = context.name(textOf(node, 'newschema'));
  return [key, relationKey({ schema, name: key.slice(schemaPrefix(key).length) })];
}

const ofRelations = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE']);
