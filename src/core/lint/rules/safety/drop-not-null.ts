import { textOf } from '../../../rollback/tree';
import type { Issue, StatementRule } from '../../rule';

export const dropNotNull: StatementRule = {
  id: 'safety/drop-not-null',
  title: 'DROP NOT NULL: readers that expect a value may meet NULL',
  inUndo: false,
  on: ['AT_DropNotNull'],
  *check(context): Generator<Issue> {
    const { relation } = context;
    if (context.script.isNew(relation)) return;
    for (const { command, start, end } of context.commands('AT_DropNotNull')) {
      const name = context.name(textOf(command, 'name'));
      yield {
        start,
        end,
        message: `From here on ${context.keyIn() ?? ''}.${name} can be NULL: code that reads it must be able to before this runs, and the way back reads every row.`,
      };
    }
  },
};
