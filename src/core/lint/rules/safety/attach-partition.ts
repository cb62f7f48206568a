import { defaultPartition } from '../../impact/impact';
import { hasBoundCheck, partitionOf } from '../../impact/impact-of-partition';
import type { Issue, StatementRule } from '../../rule';

export const attachPartition: StatementRule = {
  id: 'safety/attach-partition',
  title: 'ATTACH PARTITION without a check that says what is in the partition',
  versions: '12 and later take only SHARE UPDATE EXCLUSIVE on the parent',
  inUndo: true,
  on: ['AT_AttachPartition'],
  *check(context): Generator<Issue> {
    const parent = context.keyIn();
    if (parent === undefined || context.script.isNewTable(parent)) return;
    for (const impact of context.commands('AT_AttachPartition')) {
      const { key } = partitionOf(context.scope, impact.command);
      const standing = defaultPartition(context.schema, parent);
      const place = { start: impact.start, end: impact.end };
      if (key !== undefined && !hasBoundCheck(context.schema, parent, key) && !context.script.isNewTable(key))
        yield {
          ...place,
          message: `Every row of ${key} is read under ACCESS EXCLUSIVE, to see that it belongs there. Add a CHECK with the bounds NOT VALID and VALIDATE it before: ATTACH trusts it then.`,
          weighs: { table: key, work: 'scan' },
        };
      if (standing !== undefined && !hasBoundCheck(context.schema, parent, standing))
        yield {
          ...place,
          message: `Every row of the default partition ${standing} is read under ACCESS EXCLUSIVE, to see that none belongs to ${key ?? 'the new one'}. Add a CHECK to it that excludes the bounds NOT VALID and VALIDATE it before.`,
          weighs: { table: standing, work: 'scan' },
        };
    }
  },
};
