import { addedConstraints } from '../../added-constraints';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const excludeConstraint: StatementRule = {
  id: 'safety/exclude-constraint',
  title: 'ADD EXCLUDE builds its index under ACCESS EXCLUSIVE, and there is no other way',
  inUndo: true,
  on: ['AT_AddConstraint'],
  *check(context): Generator<Issue> {
    for (const { impact, table } of addedConstraints(context, 'CONSTR_EXCLUSION'))
      yield {
        start: impact.start,
        end: impact.end,
        message: `EXCLUDE builds an index over all of ${table} under ${lockOn('AccessExclusive', table)}; it takes neither NOT VALID nor USING INDEX. Run it while nobody works with ${table}, with a lock_timeout.`,
        weighs: { table, work: 'build' },
      };
  },
};
