import { transactionsOf } from '../../../src/core/flyway/transactions';
import type { Impact } from '../../../src/core/lint/impact/impact';
import { impactsOf } from '../../../src/core/lint/impact/impact-of-statement';
import type { Grammar } from '../../../src/core/sql/grammar';
import { parseStatements } from '../../../src/core/sql/parsed-statement';
import { applyStatement } from '../../../src/core/sql/replay/apply-statement';
import type { Schema } from '../../../src/core/sql/replay/schema';
import type { StatementScope } from '../../../src/core/sql/replay/scope';
import { splitScript } from '../../../src/core/sql/splitter';

/** Lets a script change a schema. @returns the impacts of its statements, each seen before it changed anything */
export function replay(schema: Schema, sql: string, grammar: Grammar, script = 'V1__x.sql', major?: number): Impact[] {
  const splits = splitScript(sql).statements;
  const transactions = transactionsOf(sql, splits, { executeInTransaction: true, mixed: false });
  const impacts: Impact[] = [];
  for (const part of parseStatements(sql, splits, grammar)) {
    if (!('statement' in part)) throw new Error(`${part.broken.message}: ${sql}`);
    const { statement } = part;
    const scope: StatementScope = {
      statement,
      sql,
      restore: (text) => text,
      searched: undefined,
      major,
      origin: { script, transaction: transactions.of[part.outer] },
      place: { start: statement.start, end: statement.end },
    };
    impacts.push(...impactsOf(schema, scope));
    applyStatement(schema, scope);
  }
  return impacts;
}
