import { defaultPartition } from '../../impact/impact';
import { partitionOf } from '../../impact/impact-of-partition';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const detachPartition: StatementRule = {
  id: 'safety/detach-partition',
  title: 'DETACH PARTITION without CONCURRENTLY',
  versions: '14 and later have DETACH … CONCURRENTLY, where there is no default partition',
  inUndo: true,
  on: ['AT_DetachPartition'],
  *check(context): Generator<Issue> {
    const parent = context.keyIn();
    if (parent === undefined || context.script.isNewTable(parent)) return;
    for (const { command, start, end } of context.commands('AT_DetachPartition')) {
      const { key, concurrently } = partitionOf(context.scope, command);
      const standing = defaultPartition(context.schema, parent);
      if (concurrently && standing !== undefined)
        yield {
          start,
          end,
          severity: 'error',
          message: `PostgreSQL refuses CONCURRENTLY while ${parent} has a default partition (${standing}). Detach without it, with a lock_timeout.`,
        };
      if (concurrently) continue;
      const advice =
        standing === undefined && (context.script.major ?? 14) >= 14
          ? 'Use DETACH PARTITION … CONCURRENTLY (14 and later), in a script of its own with executeInTransaction=false in its .conf.'
          : `CONCURRENTLY is not possible ${standing === undefined ? 'before PostgreSQL 14' : `with the default partition ${standing}`}: set a lock_timeout.`;
      yield {
        start,
        end,
        message: `DETACH takes ${lockOn('AccessExclusive', parent)}, and the same on ${[key, standing].filter((one) => one !== undefined).join(' and ')}. ${advice}`,
      };
    }
  },
};
