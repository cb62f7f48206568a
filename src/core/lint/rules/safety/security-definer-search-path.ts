import { listOf, nodeOf, textOf } from '../../../rollback/tree';
import { optionText } from '../../../sql/parsed-statement';
import type { StatementRule } from '../../rule';

export const securityDefinerSearchPath: StatementRule = {
  id: 'safety/security-definer-search-path',
  title: 'SECURITY DEFINER without a search_path of its own',
  inUndo: true,
  on: ['CreateFunctionStmt'],
  *check(context) {
    const options = listOf(context.node, 'options').map((item) => nodeOf(item, 'DefElem'));
    const security = options.find((option) => textOf(option, 'defname') === 'security');
    if (!security || optionText(security) !== 'true') return;
    const sets = options.some(
      (option) =>
        textOf(option, 'defname') === 'set' &&
        textOf(nodeOf(nodeOf(option, 'arg'), 'VariableSetStmt'), 'name')?.toLowerCase() === 'search_path',
    );
    // A body that is parsed when it is made names its objects once and for all.
    if (sets || nodeOf(context.node, 'sql_body')) return;
    yield {
      ...context.tokenAt(security['location']),
      message:
        "The function runs with its owner's rights and the caller's search_path: who can make an object in a schema of that path decides what it calls. Add SET search_path = pg_catalog, and name the schema of what it uses.",
    };
  },
};
