import type { CodeMigration } from '../core/flyway/code-migrations';
import type { MigrationState } from '../core/flyway/history-states';
import type { WorkspaceLint } from '../core/lint/lint-workspace';
import type { LintScript } from '../core/lint/lint-script';
import { isTransactional } from '../core/flyway/transactions';

/** One file as Flyway would see it. */
export interface ScriptInfo {
  readonly path: string;
  readonly kind: 'versioned' | 'undo' | 'repeatable' | 'baseline' | 'callback' | 'skipped';
  readonly version: string | null;
  readonly description: string | null;
  /** Flyway's signed checksum; null for what Flyway does not read, and for what cannot be read here. */
  readonly checksum: number | null;
  /** Whether Flyway runs it in one transaction; null for what it does not run, and where that cannot be read. */
  readonly transactional: boolean | null;
  /** Flyway's word for where it stands in the history of a database. */
  readonly state?: MigrationState;
  readonly reason?: string;
}

/** What `dbops info` prints, in the order of paths. `states`: by path, those that a database tells. */
export function describeScripts(
  lint: WorkspaceLint,
  states: ReadonlyMap<string, MigrationState> = new Map(),
): ScriptInfo[] {
  const all = [...lint.scripts.map(describe), ...lint.codeMigrations.map(describeClass)];
  return all
    .map((info) => {
      const state = states.get(info.path);
      return state === undefined ? info : { ...info, state };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A class has a checksum only where it makes one, and says itself whether it runs in a transaction. */
function describeClass({ path, meaning }: CodeMigration): ScriptInfo {
  const version = 'version' in meaning ? meaning.version.text : null;
  return { path, kind: meaning.kind, version, description: meaning.description, checksum: null, transactional: null };
}

function describe(script: LintScript): ScriptInfo {
  const { meaning, path } = script;
  if (meaning.kind === 'invalid' || meaning.kind === 'skipped') {
    return {
      path,
      kind: 'skipped',
      version: null,
      description: null,
      checksum: null,
      transactional: null,
      reason: meaning.reason,
    };
  }
  return {
    path,
    kind: meaning.kind,
    version: 'version' in meaning ? meaning.version.text : null,
    description: meaning.description,
    checksum: script.checksums[0] ?? null,
    transactional: script.isUnreadable ? null : runsInTransaction(script),
  };
}

/** Flyway asks the `.conf` of the script first, then the statements; it knows only PostgreSQL's by heart here. */
function runsInTransaction({ config, sql, statements }: LintScript): boolean {
  if (config.transactionIsForced) return true;
  if (!config.executeInTransaction) return false;
  return config.database.value !== 'postgresql' || isTransactional(sql, statements.statements);
}
