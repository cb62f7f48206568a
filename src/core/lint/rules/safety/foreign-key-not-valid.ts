import { flagOf } from '../../../rollback/tree';
import { constraintOf } from '../../../sql/replay/constraint-definition';
import { addedConstraints } from '../../added-constraints';
import { isPartitioned } from '../../impact/impact';
import type { Issue, StatementRule } from '../../rule';

export const foreignKeyNotValid: StatementRule = {
  id: 'safety/foreign-key-not-valid',
  title: 'ADD FOREIGN KEY without NOT VALID reads the table under a lock on both tables',
  versions: '18 and later take NOT VALID on a partitioned table',
  inUndo: true,
  on: ['AT_AddConstraint'],
  *check(context): Generator<Issue> {
    for (const { impact, constraint, table } of addedConstraints(context, 'CONSTR_FOREIGN')) {
      const partitioned = isPartitioned(context.relation);
      const { major } = context.script;
      if (flagOf(constraint, 'skip_validation')) {
        if (partitioned && (major ?? 0) < 18)
          yield {
            start: impact.start,
            end: impact.end,
            severity: major === undefined ? 'information' : 'error',
            message: `PostgreSQL before 18 refuses NOT VALID here, since ${table} is partitioned: add it to each partition NOT VALID, validate those, then add it here.`,
          };
        continue;
      }
      const target = constraintOf(context.scope, table, constraint)?.references?.table ?? 'the other table';
      const advice =
        partitioned && (major ?? 0) < 18
          ? 'A partitioned table takes no NOT VALID before PostgreSQL 18: add it to each partition NOT VALID, validate those, then add it here.'
          : 'Add it NOT VALID, and VALIDATE CONSTRAINT in a later script: that lets writes go on.';
      yield {
        start: impact.start,
        end: impact.end,
        message: `Every row of ${table} is looked up in ${target} under SHARE ROW EXCLUSIVE on both, which blocks writes. ${advice}`,
        weighs: { table, work: 'scan' },
      };
    }
  },
};
