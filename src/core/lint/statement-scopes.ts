import type { ScriptTransactions } from '../flyway/transactions';
import type { BrokenStatement } from '../sql/parsed-statement';
import type { StatementScope } from '../sql/replay/scope';
import type { LintScript } from './lint-script';
import type { ReplaySettings } from './script-context';
import { calledSetting } from '../sql/session-settings';

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
  let searched: string | undefined;
  for (const part of script.parts()) {
    if ('broken' in part) {
      yield { broken: part.broken };
      continue;
    }
    const { statement } = part;
    yield {
      scope: {
        statement,
        sql: script.sql,
        restore: script.resolve,
        searched,
        major: settings.database?.major,
        origin: { script: script.path, transaction: transactions.of[part.outer] },
        place: { start: statement.start, end: statement.end },
      },
    };
    const path = calledSetting(statement, 'search_path');
    if (path) searched = path.value === undefined || path.value === 'public' ? undefined : script.resolve(path.value);
  }
}
