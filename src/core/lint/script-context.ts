import type { ScriptTransactions } from '../flyway/transactions';
import type { Schema } from '../sql/replay/schema';
import type { Relation } from '../sql/replay/schema-object';
import type { LintScript } from './lint-script';

/** What a bound database tells. */
export interface DatabaseFacts {
  /** PostgreSQL's major version. */
  readonly major?: number;
  /**
   * Estimated rows (null: never counted) and bytes on disk (indexes included) of a table, by its key: `schema.name`, without
   * public.
   */
  readonly sizeOf: (table: string) => { readonly rows: number | null; readonly bytes: number } | undefined;
}

/** What is the same for all scripts of a run. */
export interface ReplaySettings {
  /** Paths of scripts that have not been applied; undefined: nothing is known, and all are looked at. */
  readonly pending: ReadonlySet<string> | undefined;
  readonly database: DatabaseFacts | undefined;
  /** Rules that are turned off: they are not asked. */
  readonly silent: ReadonlySet<string>;
  /** `lock_timeout` is set for every session: by a callback or by flyway.initSql. */
  readonly sessionLockTimeout: boolean;
  /** The trees are asked for again when all scripts have been looked at: they are not let go before. */
  readonly keepsTrees?: boolean;
  /** Told before each script that is looked at. */
  readonly onScript?: ((at: number, of: number) => void) | undefined;
}

/** One script while the rules look at it. */
export class ScriptContext {
  readonly isUndo: boolean;

  constructor(
    readonly script: LintScript,
    readonly schema: Schema,
    readonly transactions: ScriptTransactions,
    readonly settings: ReplaySettings,
  ) {
    this.isUndo = script.meaning.kind === 'undo';
  }

  /** Tables that the transaction has emptied under its own lock. */
  private emptied: { readonly in: number; readonly tables: Set<string> } | undefined;

  /** Remembers tables that TRUNCATE has emptied: nobody writes to them before the transaction ends. */
  empty(tables: readonly string[], transaction: number | undefined): void {
    if (transaction === undefined) return;
    if (this.emptied?.in !== transaction) this.emptied = { in: transaction, tables: new Set() };
    for (const table of tables) this.emptied.tables.add(table);
  }

  /** Something has written rows into a table that was empty. */
  fill(table: string | undefined): void {
    if (table !== undefined) this.emptied?.tables.delete(table);
  }

  /** Whether a table has no rows, since the transaction itself has emptied it. */
  isEmpty(table: string | undefined, transaction: number | undefined): boolean {
    return table !== undefined && this.emptied?.in === transaction && this.emptied?.tables.has(table) === true;
  }

  /** PostgreSQL's major version, where it is known. */
  get major(): number | undefined {
    return this.settings.database?.major;
  }

  /**
   * Whether nobody can use a relation yet: this script makes it, or another that has not been applied either, or it is
   * temporary.
   */
  isNew(relation: Relation | undefined): boolean {
    if (!relation) return false;
    const { script } = relation.origin;
    return (
      relation.persistence === 'temporary' ||
      script === this.script.path ||
      this.settings.pending?.has(script) === true ||
      (relation.partitionOf !== undefined && this.isNew(this.schema.relation(relation.partitionOf)))
    );
  }

  /** The same by its key. */
  isNewTable(key: string | undefined): boolean {
    return key !== undefined && this.isNew(this.schema.relation(key));
  }
}
