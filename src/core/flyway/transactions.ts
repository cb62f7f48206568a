import type { SplitStatement } from '../sql/splitter';

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

/** Whether Flyway takes a statement for one that runs in a transaction. */
export function isTransactionalStatement(script: string, statement: SplitStatement): boolean {
  const words = statement.tokens.slice(0, 12).map((token) => script.slice(token.start, token.end).toLowerCase());
  const head = words.join(' ');
  return !nonTransactional.some((pattern) => pattern.test(head));
}

/** Whether Flyway runs a script in a transaction: unless one of its statements is known not to. */
export function isTransactional(script: string, statements: readonly SplitStatement[]): boolean {
  return statements.every((statement) => isTransactionalStatement(script, statement));
}
