import type { ScriptTransactions } from '../flyway/transactions';
import type { BrokenStatement, ParsedStatement } from '../sql/parsed-statement';
import type { StatementScope } from '../sql/replay/scope';
import type { LintScript } from './lint-script';
import type { ReplaySettings } from './script-context';
import { calledSetting, searchedSchema } from '../sql/session-settings';

/** A statement with its surroundings, or one that could not be parsed. */
export type ScopedPart =
  | { readonly scope: StatementScope; readonly broken?: undefined }
  | { readonly broken: BrokenStatement; readonly scope?: undefined };

/** The statements of a script, one after the other, each in the transaction and with the search_path in which it runs. */
export function* scopesOf(
  script: LintScript,
  transactions: ScriptTransactions,
  settings: ReplaySettings,
): Generator<ScopedPart> {
  let searched = script.searchedSchema;
  for (const part of script.parts()) {
    if ('broken' in part) {
      yield { broken: part.broken };
      continue;
    }
    const { statement } = part;
    const transaction = transactions.of[part.outer];
    const scopeOf = ({ start, end }: ParsedStatement): StatementScope => ({
      statement,
      sql: script.sql,
      restore: script.resolve,
      searched,
      major: settings.database?.major,
      origin: { script: script.path, transaction },
      place: { start, end },
    });
    yield { scope: scopeOf(statement) };
    // A block is one transaction, whatever runs it.
    const own = transaction ?? -1 - part.outer;
    for (const inner of statement.type === 'DoStmt' ? script.inside(statement) : [])
      yield {
        scope: {
          ...scopeOf(inner.statement),
          ...inner,
          origin: { script: script.path, transaction: own },
          isInBlock: true,
        },
      };
    const path = calledSetting(statement, 'search_path');
    if (!path) continue;
    const schema = searchedSchema(path);
    searched = schema && script.resolve(schema);
  }
}
