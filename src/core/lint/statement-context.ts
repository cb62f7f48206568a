import { nodeOf, relationOf, textOf } from '../rollback/tree';
import type { TreeNode } from '../sql/grammar';
import { placeOf, type ParsedStatement } from '../sql/parsed-statement';
import type { Schema } from '../sql/replay/schema';
import type { Relation } from '../sql/replay/schema-object';
import { keyOf, type StatementScope } from '../sql/replay/scope';
import { indexAt } from '../sql/replay/written-parts';
import { strongest, type Impact } from './impact/impact';
import { stopsWrites, type LockMode } from './impact/lock-mode';
import { impactsOf } from './impact/impact-of-statement';
import type { ScriptContext } from './script-context';

/** A lock that stops writes to a table in use; the range is that of the statement or subcommand. */
export interface StrongLock {
  readonly table: string;
  readonly mode: LockMode;
  readonly start: number;
  readonly end: number;
}

/** Statements without a lock that stops writes to a table in use: the bulk of large scripts. */
const lockFree = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'SelectStmt',
  'CopyStmt',
  'VariableSetStmt',
  'CreateFunctionStmt',
  'CreateTableAsStmt',
  'ViewStmt',
]);

/** What ALTER TABLE's subcommands change besides tables. */
const rowless = new Set(['OBJECT_TYPE', 'OBJECT_VIEW', 'OBJECT_SEQUENCE', 'OBJECT_INDEX']);

/** One statement while the rules look at it; the schema is the one before it. */
export class StatementContext {
  private seen: readonly Impact[] | undefined;
  private taken: readonly StrongLock[] | undefined;

  constructor(
    readonly script: ScriptContext,
    readonly scope: StatementScope,
  ) {}

  get statement(): ParsedStatement {
    return this.scope.statement;
  }

  get type(): string {
    return this.scope.statement.type;
  }

  get node(): TreeNode {
    return this.scope.statement.node;
  }

  get schema(): Schema {
    return this.script.schema;
  }

  /** The number of its transaction; undefined when it commits by itself. */
  get transaction(): number | undefined {
    return this.scope.origin.transaction;
  }

  /** Whether this transaction has emptied a table before: no rows are there to be read or written again. */
  isEmpty(table: string): boolean {
    return this.script.isEmpty(table, this.transaction);
  }

  /** What it locks, one for each subcommand of ALTER TABLE. */
  get impacts(): readonly Impact[] {
    return (this.seen ??= impactsOf(this.schema, this.scope));
  }

  /**
   * The strongest lock on each table in use that stops writes to it, by subcommand. What the statement makes or replaces is
   * no table in use, nor is a view.
   */
  get strongLocks(): readonly StrongLock[] {
    return (this.taken ??= this.takenLocks());
  }

  private takenLocks(): StrongLock[] {
    const made = this.type === 'CreateStmt' ? this.keyIn() : undefined;
    if (lockFree.has(this.type)) return [];
    return this.impacts.flatMap(({ locks, start, end }) =>
      [...strongest(locks)]
        .filter(([table, mode]) => stopsWrites(mode) && table !== made && !this.script.isNewTable(table))
        .filter(([table]) => this.schema.relation(table)?.type !== 'view')
        .map(([table, mode]) => ({
          table,
          mode,
          ...(this.type === 'AlterTableStmt' ? { start, end } : this.headToRelation),
        })),
    );
  }

  /** The impacts of subcommands of these types; what has no rows of its own (a composite type, a view) has none. */
  commands(...subtypes: readonly string[]): readonly Impact[] {
    return this.type === 'AlterTableStmt' && !rowless.has(textOf(this.node, 'objtype') ?? '')
      ? this.impacts.filter(({ subtype }) => subtypes.includes(subtype))
      : [];
  }

  /** The key of the relation in a field of the node. */
  keyIn(field = 'relation', node: TreeNode = this.node): string | undefined {
    const name = relationOf(nodeOf(node, field));
    return name && keyOf(this.scope, name);
  }

  /** The relation the statement is about, where a script has made it. */
  get relation(): Relation | undefined {
    const key = this.keyIn();
    return key === undefined ? undefined : this.schema.relation(key);
  }

  /** A name of the tree as the script writes it, placeholders included. */
  name(text: string | undefined): string {
    return this.scope.restore(text ?? '?');
  }

  /** The range from the statement's first word to the end of the token at a place of its tree; else its first line. */
  headTo(location: unknown): { readonly start: number; readonly end: number } {
    const { start, end, split } = this.statement;
    const at = placeOf(this.statement, location);
    if (at === undefined) return this.head;
    let index = indexAt(this.scope, at);
    // A qualified name ends with its last part.
    while (this.scope.sql.charAt(split.tokens[index]?.end ?? end) === '.') index += 2;
    return { start, end: split.tokens[index]?.end ?? end };
  }

  /** The statement's range, cut at the end of its first line. */
  get head(): { readonly start: number; readonly end: number } {
    const { start, end } = this.statement;
    const line = /[\r\n]/.exec(this.scope.sql.slice(start, end));
    return { start, end: line ? start + line.index : end };
  }

  /** The range of the one token at a place of the tree. */
  tokenAt(location: unknown): { readonly start: number; readonly end: number } {
    const at = placeOf(this.statement, location);
    const token = at === undefined ? undefined : this.statement.split.tokens[indexAt(this.scope, at)];
    return token ?? this.head;
  }

  /** The range from the statement's first word to the name of its relation. */
  get headToRelation(): { readonly start: number; readonly end: number } {
    return this.headTo(nodeOf(this.node, 'relation')?.['location']);
  }
}
