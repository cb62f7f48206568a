import { addedColumn } from '../../impact/impact-of-add-column';
import type { Issue, StatementRule } from '../../rule';

export const addNotNullColumn: StatementRule = {
  id: 'safety/add-not-null-column',
  title: 'ADD COLUMN NOT NULL without a default on a table that may have rows',
  inUndo: true,
  on: ['AT_AddColumn'],
  *check(context): Generator<Issue> {
    const table = context.keyIn();
    if (table === undefined || context.script.isNewTable(table) || context.isEmpty(table)) return;
    for (const { command, start, end } of context.commands('AT_AddColumn')) {
      const { name, notNull, reason, constraints } = addedColumn(context.schema, context.scope, command);
      const filled = constraints.has('CONSTR_DEFAULT') || constraints.has('CONSTR_GENERATED');
      if (!notNull || filled || reason === 'serial' || reason === 'identity') continue;
      yield {
        start,
        end,
        message: `This fails as soon as ${table} has a row: there is no value for ${name}. Give it a DEFAULT, or add it nullable, fill it, and SET NOT NULL later.`,
      };
    }
  },
};
