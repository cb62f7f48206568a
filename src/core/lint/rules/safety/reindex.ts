import { listOf, textOf } from '../../../rollback/tree';
import { hasOption } from '../../impact/impact-of-statement';
import { lockOn } from '../../impact/lock-phrase';
import type { StatementRule } from '../../rule';

export const reindex: StatementRule = {
  id: 'safety/reindex',
  title: 'REINDEX without CONCURRENTLY',
  versions: '12 and later have REINDEX CONCURRENTLY',
  inUndo: true,
  on: ['ReindexStmt'],
  *check(context) {
    const { node, schema } = context;
    const key = context.keyIn();
    if (hasOption(listOf(node, 'params'), 'concurrently')) return;
    const kind = textOf(node, 'kind');
    const table = kind === 'REINDEX_OBJECT_INDEX' ? schema.index(key ?? '')?.table : key;
    if (context.script.isNewTable(table) || kind === 'REINDEX_OBJECT_SYSTEM') return;
    yield {
      ...context.head,
      message: `REINDEX takes ${lockOn('Share', table ?? 'each table')} and ACCESS EXCLUSIVE on the index, so queries that would plan with it wait too, until it is built. Use REINDEX … CONCURRENTLY, in a script with executeInTransaction=false in its .conf.`,
      ...(table !== undefined && { weighs: { table, work: 'build' } as const }),
    };
  },
};
