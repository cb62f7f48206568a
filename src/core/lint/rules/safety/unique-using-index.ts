import { textOf } from '../../../rollback/tree';
import { addedConstraints } from '../../added-constraints';
import { isPartitioned } from '../../impact/impact';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const uniqueUsingIndex: StatementRule = {
  id: 'safety/unique-using-index',
  title: 'ADD UNIQUE or PRIMARY KEY without USING INDEX builds the index under ACCESS EXCLUSIVE',
  inUndo: true,
  on: ['AT_AddConstraint'],
  *check(context): Generator<Issue> {
    for (const { impact, constraint, table } of addedConstraints(context, 'CONSTR_UNIQUE', 'CONSTR_PRIMARY')) {
      const word = textOf(constraint, 'contype') === 'CONSTR_PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE';
      const using = textOf(constraint, 'indexname');
      if (using !== undefined) {
        if (impact.work !== 'scan' || word === 'UNIQUE') continue;
        yield {
          start: impact.start,
          end: impact.end,
          severity: 'information',
          message: `Where a column of ${using} is not NOT NULL yet, PRIMARY KEY sets it, and reads every row of ${table} under ${lockOn('AccessExclusive', table)}. Validate a check (column IS NOT NULL) before.`,
          weighs: { table, work: 'scan' },
        };
        continue;
      }
      const advice = isPartitioned(context.relation)
        ? 'A partitioned table takes no USING INDEX: create the index ON ONLY it, CONCURRENTLY on each partition, attach those, and set a lock_timeout here.'
        : `Create a unique index CONCURRENTLY in the script before, and write ADD CONSTRAINT … ${word} USING INDEX here.`;
      yield {
        start: impact.start,
        end: impact.end,
        message: `${word} builds an index over all of ${table} under ${lockOn('AccessExclusive', table)}. ${advice}`,
        weighs: { table, work: 'build' },
      };
    }
  },
};
