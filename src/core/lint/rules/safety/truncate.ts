import { listOf, nodeOf, relationOf, textOf } from '../../../rollback/tree';
import { keyOf } from '../../../sql/replay/scope';
import { referringTo } from '../../impact/impact';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const truncate: StatementRule = {
  id: 'safety/truncate',
  title: 'TRUNCATE of a table that is in use',
  inUndo: false,
  on: ['TruncateStmt'],
  *check(context): Generator<Issue> {
    const tables = listOf(context.node, 'relations').flatMap((item) => {
      const name = relationOf(nodeOf(item, 'RangeVar'));
      return name ? [keyOf(context.scope, name)] : [];
    });
    const used = tables.filter((table) => !context.script.isNewTable(table));
    if (used.length === 0) return;
    const others = referringTo(context.schema, tables);
    const known = others.length === 0 ? '' : `: of those that the scripts make, ${others.join(', ')}`;
    const cascades =
      textOf(context.node, 'behavior') === 'DROP_CASCADE'
        ? ` CASCADE empties every table that refers to it as well${known}.`
        : '';
    yield {
      ...context.head,
      message: `TRUNCATE takes ${lockOn('AccessExclusive', used.join(', '))}, and every row is gone.${cascades}`,
    };
  },
};
