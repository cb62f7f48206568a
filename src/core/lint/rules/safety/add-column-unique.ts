import { addedColumn } from '../../impact/impact-of-add-column';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const addColumnUnique: StatementRule = {
  id: 'safety/add-column-unique',
  title: 'ADD COLUMN … UNIQUE or PRIMARY KEY builds an index under ACCESS EXCLUSIVE',
  inUndo: true,
  on: ['AT_AddColumn'],
  *check(context): Generator<Issue> {
    const table = context.keyIn();
    if (table === undefined || context.script.isNewTable(table)) return;
    for (const impact of context.commands('AT_AddColumn')) {
      const { name, constraints } = addedColumn(context.schema, context.scope, impact.command);
      const primary = constraints.has('CONSTR_PRIMARY');
      if (!primary && !constraints.has('CONSTR_UNIQUE')) continue;
      const word = primary ? 'PRIMARY KEY' : 'UNIQUE';
      yield {
        start: impact.start,
        end: impact.end,
        message: `${word} builds an index over all of ${table} under ${lockOn('AccessExclusive', table)}. Add ${name} alone, create a unique index CONCURRENTLY in the next script, and ADD CONSTRAINT … ${word} USING INDEX in the one behind it.`,
        weighs: { table, work: 'build' },
      };
    }
  },
};
