import { flagOf, textOf } from '../../../rollback/tree';
import { addedConstraints } from '../../added-constraints';
import { addedColumn } from '../../impact/impact-of-add-column';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const checkNotValid: StatementRule = {
  id: 'safety/check-not-valid',
  title: 'ADD CHECK without NOT VALID reads the table under ACCESS EXCLUSIVE',
  versions: 'NOT NULL as a constraint of its own: 18 and later',
  inUndo: true,
  on: ['AT_AddConstraint', 'AT_AddColumn'],
  *check(context): Generator<Issue> {
    for (const { impact, constraint, table } of addedConstraints(context, 'CONSTR_CHECK', 'CONSTR_NOTNULL')) {
      if (flagOf(constraint, 'skip_validation')) continue;
      const word = textOf(constraint, 'contype') === 'CONSTR_CHECK' ? 'check' : 'NOT NULL constraint';
      yield {
        start: impact.start,
        end: impact.end,
        message: `The ${word} reads every row of ${table} under ${lockOn('AccessExclusive', table)}. Add it NOT VALID, and VALIDATE CONSTRAINT in a later script: that lets reads and writes go on.`,
        weighs: { table, work: 'scan' },
      };
    }
    const table = context.keyIn();
    if (table === undefined || context.script.isNewTable(table)) return;
    for (const { command, start, end } of context.commands('AT_AddColumn')) {
      const { name, reason, constraints } = addedColumn(context.schema, context.scope, command);
      if (!constraints.has('CONSTR_CHECK') || reason !== undefined) continue;
      yield {
        start,
        end,
        message: `The check of the new column ${name} reads every row of ${table} under ${lockOn('AccessExclusive', table)}. Add the column alone, then the check NOT VALID, and VALIDATE CONSTRAINT in a later script.`,
        weighs: { table, work: 'scan' },
      };
    }
  },
};
