import { constraintOf } from '../../../sql/replay/constraint-definition';
import { addedColumn } from '../../impact/impact-of-add-column';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const addColumnReferences: StatementRule = {
  id: 'safety/add-column-references',
  title: 'ADD COLUMN … REFERENCES locks both tables',
  inUndo: true,
  on: ['AT_AddColumn'],
  *check(context): Generator<Issue> {
    const table = context.keyIn();
    if (table === undefined || context.script.isNewTable(table)) return;
    for (const impact of context.commands('AT_AddColumn')) {
      const { name, constraints } = addedColumn(context.schema, context.scope, impact.command);
      const foreign = constraints.get('CONSTR_FOREIGN');
      const target = foreign && constraintOf(context.scope, table, foreign, name)?.references?.table;
      if (target === undefined) continue;
      const checks = constraints.has('CONSTR_DEFAULT')
        ? `, and the default makes it look up every row in ${target} meanwhile`
        : '';
      yield {
        start: impact.start,
        end: impact.end,
        ...(checks !== '' && { severity: 'warning' as const }),
        message: `REFERENCES takes ${lockOn('ShareRowExclusive', target)}, beside ACCESS EXCLUSIVE on ${table}${checks}. Add the column alone, then the foreign key NOT VALID, and VALIDATE it in a later script.`,
        weighs: { table, work: checks === '' ? 'brief' : 'scan' },
      };
    }
  },
};
