import { flagOf, textOf } from '../../../rollback/tree';
import type { StatementRule } from '../../rule';

export const concurrentlyIfNotExists: StatementRule = {
  id: 'safety/concurrently-if-not-exists',
  title: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS takes an invalid index for a good one',
  inUndo: true,
  on: ['IndexStmt'],
  *check(context) {
    const { node } = context;
    if (!flagOf(node, 'concurrent') || !flagOf(node, 'if_not_exists')) return;
    const name = context.name(textOf(node, 'idxname'));
    yield {
      ...context.headToRelation,
      message: `A build that fails leaves ${name} behind, invalid and used by no query; the next run finds the name and does nothing. Write DROP INDEX CONCURRENTLY IF EXISTS ${name}; before it, and leave IF NOT EXISTS out.`,
    };
  },
};
