import type { SplitStatement } from '../sql/splitter';
import { flywayStatements } from './flyway-statements';

/**
 * The statements that Flyway knows to be refused in a transaction, by their first words. It runs a script of them outside
 * of one. Others that PostgreSQL refuses (REINDEX CONCURRENTLY, DETACH CONCURRENTLY, a bare CLUSTER …) it does not know.
 */
const nonTransactional: readonly RegExp[] = [
  /^(create|drop) (database|tablespace|subscription)\b/,
  /^alter system\b/,
  /^create( unique)? index concurrently\b/,
  /^drop index concurrently\b/,
  /^reindex( \( ?[^)]*\))? (schema|database|system)\b/,
  /^vacuum\b/,
  /^discard all\b/,
];

/** Their first words: most statements of a large script begin otherwise. */
const firstWords = new Set(['create', 'drop', 'alter', 'reindex', 'vacuum', 'discard']);

/** Whether Flyway takes a statement for one that runs in a transaction. */
export function isTransactionalStatement(script: string, statement: SplitStatement): boolean {
  const first = statement.tokens[0];
  if (!first || !firstWords.has(script.slice(first.start, first.end).toLowerCase())) return true;
  const words = statement.tokens.slice(0, 12).map((token) => script.slice(token.start, token.end).toLowerCase());
  const head = words.join(' ');
  return !nonTransactional.some((pattern) => pattern.test(head));
}

/** Whether Flyway runs a script in a transaction: unless one of its statements is known not to. */
export function isTransactional(script: string, statements: readonly SplitStatement[]): boolean {
  return !kindsOf(script, statements).has(false);
}

/** Whether there are statements that Flyway takes for transactional, and others, as it splits the script. */
function kindsOf(script: string, statements: readonly SplitStatement[]): Set<boolean> {
  const others = flywayStatements(script);
  return others
    ? new Set(others.map(({ text, head, behindPsql }) => behindPsql || isTransactionalStatement(text, head)))
    : new Set(statements.map((statement) => isTransactionalStatement(script, statement)));
}

/** How Flyway runs a script. `refused`: it stops, since the script mixes statements of both kinds. */
export type ScriptMode = 'transaction' | 'autocommit' | 'refused';

export interface ScriptTransactions {
  readonly mode: ScriptMode;
  /** The number of the transaction of each statement; undefined for one that commits by itself. */
  readonly of: readonly (number | undefined)[];
}

/**
 * The effective transaction of every statement: Flyway's one around the script, unless the configuration or a statement
 * takes it away, and those that the script itself begins and ends.
 */
export function transactionsOf(
  script: string,
  statements: readonly SplitStatement[],
  config: { readonly executeInTransaction: boolean; readonly mixed: boolean },
): ScriptTransactions {
  const kinds = kindsOf(script, statements);
  const mode: ScriptMode =
    !config.executeInTransaction || (kinds.has(false) && (config.mixed || !kinds.has(true)))
      ? 'autocommit'
      : kinds.has(false)
        ? 'refused'
        : 'transaction';
  let next = 1;
  let current = mode === 'autocommit' ? undefined : 0;
  const of = statements.map((statement) => {
    const [first, second] = statement.tokens
      .slice(0, 2)
      .map((token) => script.slice(token.start, token.end).toLowerCase());
    const begins = first === 'begin' || (first === 'start' && second === 'transaction');
    const ends = ['commit', 'end', 'abort'].includes(first ?? '') || (first === 'rollback' && second !== 'to');
    if (begins && current === undefined) current = next++;
    const own = current;
    if (ends) current = undefined;
    return own;
  });
  return { mode, of };
}
