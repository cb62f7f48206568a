import { flagOf, listOf } from '../../../rollback/tree';
import { hasOption } from '../../impact/impact-of-statement';
import type { Issue, StatementRule } from '../../rule';

export const concurrentlyHangs: StatementRule = {
  id: 'flyway/concurrently-hangs',
  title: "CREATE INDEX CONCURRENTLY waits for ever for Flyway's own lock",
  inUndo: true,
  on: ['IndexStmt', 'ReindexStmt'],
  *check(context): Generator<Issue> {
    const { node, type } = context;
    const concurrently =
      type === 'IndexStmt' ? flagOf(node, 'concurrent') : hasOption(listOf(node, 'params'), 'concurrently');
    // In a transaction it is refused before it can wait.
    if (!concurrently || context.transaction !== undefined || !context.script.script.config.transactionalLock) return;
    yield {
      ...context.headToRelation,
      message: `${type === 'IndexStmt' ? 'CREATE INDEX' : 'REINDEX'} CONCURRENTLY waits for every transaction that is open, and Flyway keeps one open for its lock while it migrates: neither ends. Set flyway.postgresql.transactional.lock=false (spring.flyway.postgresql.transactional-lock).`,
    };
  },
};
