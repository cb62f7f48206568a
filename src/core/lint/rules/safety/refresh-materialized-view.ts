import { flagOf } from '../../../rollback/tree';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const refreshMaterializedView: StatementRule = {
  id: 'safety/refresh-materialized-view',
  title: 'REFRESH MATERIALIZED VIEW without CONCURRENTLY stops its readers',
  inUndo: true,
  on: ['RefreshMatViewStmt'],
  *check(context): Generator<Issue> {
    const { node, relation } = context;
    const view = context.keyIn();
    if (view === undefined || flagOf(node, 'concurrent') || context.script.isNewTable(view)) return;
    const unique =
      relation && context.schema.indexesOf(relation).some((index) => index.unique && index.predicate === undefined);
    const advice =
      relation?.type === 'materialized view' && unique !== true
        ? 'REFRESH … CONCURRENTLY lets them read the old rows; it needs a unique index over whole columns, which no script here makes.'
        : 'REFRESH … CONCURRENTLY lets them read the old rows meanwhile.';
    yield {
      ...context.head,
      message: `REFRESH takes ${lockOn('AccessExclusive', view)}, as long as the query runs. ${advice}`,
      weighs: { table: view, work: 'rewrite' },
    };
  },
};
