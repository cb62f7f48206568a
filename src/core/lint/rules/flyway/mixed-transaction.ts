import { isTransactionalStatement } from '../../../flyway/transactions';
import type { Issue, ScriptRule } from '../../rule';

export const mixedTransaction: ScriptRule = {
  id: 'flyway/mixed-transaction',
  title: 'A script that mixes statements of a transaction with some that cannot be in one',
  inUndo: true,
  begin(script) {
    if (script.transactions.mode !== 'refused') return {};
    return {
      *statement({ statement, scope }): Generator<Issue> {
        if (isTransactionalStatement(scope.sql, statement.split)) return;
        const words = statement.split.tokens.slice(0, 2).map((token) => scope.sql.slice(token.start, token.end));
        yield {
          start: statement.start,
          end: statement.end,
          message: `Flyway refuses this script: ${words.join(' ')} … cannot run in a transaction, and the other statements run in one. Give it a script of its own. (executeInTransaction=false in the script's .conf runs all of it without a transaction.)`,
        };
      },
    };
  },
};
