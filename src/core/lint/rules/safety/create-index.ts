import { flagOf } from '../../../rollback/tree';
import { isPartitioned } from '../../impact/impact';
import { lockOn } from '../../impact/lock-phrase';
import type { StatementRule } from '../../rule';

/** Builds of an index that stop writes to a table that is in use. */
export const createIndex: StatementRule = {
  id: 'safety/create-index',
  title: 'CREATE INDEX without CONCURRENTLY on a table that is in use',
  inUndo: true,
  on: ['IndexStmt'],
  *check(context) {
    const table = context.keyIn();
    const relation = context.relation;
    const way = 'create it ON ONLY the table, CONCURRENTLY on each partition, and ALTER INDEX … ATTACH PARTITION.';
    const concurrently = flagOf(context.node, 'concurrent');
    if (concurrently && isPartitioned(relation))
      yield {
        ...context.headToRelation,
        severity: 'error',
        message: `PostgreSQL refuses CONCURRENTLY on ${table ?? 'it'}, which is partitioned: ${way}`,
      };
    if (table === undefined || concurrently || context.script.isNewTable(table)) return;
    // ON ONLY of a partitioned table makes nothing but an entry in the catalogue.
    if (isPartitioned(relation) && context.impacts[0]?.locks.length === 1 && (relation?.partitions.length ?? 0) > 0)
      return;
    const lock = `takes ${lockOn('Share', table)}${isPartitioned(relation) ? ' to it and to every partition' : ''}, until the index is built`;
    const advice = isPartitioned(relation)
      ? `A partitioned table cannot have it CONCURRENTLY: ${way}`
      : 'Create it CONCURRENTLY, in a script of its own.';
    yield {
      ...context.headToRelation,
      message: `CREATE INDEX ${lock}. ${advice}`,
      weighs: { table, work: 'build' },
    };
  },
};
