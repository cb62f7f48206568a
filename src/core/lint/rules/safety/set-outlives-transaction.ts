import { flagOf, textOf } from '../../../rollback/tree';
import type { StatementRule } from '../../rule';

/** Settings of which a value that stays changes what the next script does. */
const watched = new Set([
  'lock_timeout',
  'statement_timeout',
  'search_path',
  'role',
  'timezone',
  'session_replication_role',
]);

export const setOutlivesTransaction: StatementRule = {
  id: 'safety/set-outlives-transaction',
  title: 'SET without LOCAL stays for the scripts that follow',
  inUndo: true,
  on: ['VariableSetStmt'],
  *check(context) {
    const { node } = context;
    const name = textOf(node, 'name')?.toLowerCase() ?? '';
    if (context.script.script.meaning.kind === 'callback' || context.transaction === undefined) return;
    if (textOf(node, 'kind') !== 'VAR_SET_VALUE' || flagOf(node, 'is_local') || !watched.has(name)) return;
    yield {
      ...context.head,
      message: `SET outlives the script's transaction: ${name} stays for every script of this run. Write SET LOCAL ${name} …`,
    };
  },
};
