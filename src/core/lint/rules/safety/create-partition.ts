import { listOf, nodeOf, relationOf } from '../../../rollback/tree';
import { keyOf } from '../../../sql/replay/scope';
import { defaultPartition } from '../../impact/impact';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const createPartition: StatementRule = {
  id: 'safety/create-partition',
  title: 'CREATE TABLE … PARTITION OF locks the parent',
  inUndo: true,
  on: ['CreateStmt'],
  *check(context): Generator<Issue> {
    const { node } = context;
    const name = relationOf(nodeOf(listOf(node, 'inhRelations')[0], 'RangeVar'));
    if (!name || !nodeOf(node, 'partbound')) return;
    const parent = keyOf(context.scope, name);
    if (context.script.isNewTable(parent)) return;
    const standing = defaultPartition(context.schema, parent);
    const reads =
      standing === undefined
        ? ''
        : ` It reads every row of the default partition ${standing}, too, under the same lock.`;
    yield {
      ...context.headToRelation,
      ...(standing !== undefined && {
        severity: 'warning' as const,
        weighs: { table: standing, work: 'scan' as const },
      }),
      message: `PARTITION OF takes ${lockOn('AccessExclusive', parent)}.${reads} CREATE TABLE … (LIKE ${parent} INCLUDING ALL), then ATTACH PARTITION, lets reads and writes go on.`,
    };
  },
};
