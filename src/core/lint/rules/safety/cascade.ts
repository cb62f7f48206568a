import { textOf } from '../../../rollback/tree';
import { droppedObjects } from '../../dropped-objects';
import type { Issue, StatementRule } from '../../rule';

export const cascade: StatementRule = {
  id: 'safety/cascade',
  title: 'CASCADE drops what the script does not name',
  inUndo: true,
  on: ['DropStmt', 'AlterTableStmt'],
  *check(context): Generator<Issue> {
    // A schema has a rule of its own, of a type the columns are told there.
    const dropped = droppedObjects(context).filter(({ reference }) => !reference.key.startsWith('schema '));
    const kind = textOf(context.node, 'removeType');
    if (dropped.some((one) => one.cascade && !one.isNew) && kind !== 'OBJECT_TYPE' && kind !== 'OBJECT_DOMAIN')
      yield { ...lastWord(context), message: messageOf(dropped.map(({ reference }) => reference.key).join(', ')) };
    for (const { command, start, end } of context.commands('AT_DropColumn', 'AT_DropConstraint')) {
      if (textOf(command, 'behavior') !== 'DROP_CASCADE') continue;
      if (context.script.isNew(context.relation)) continue;
      yield {
        start: Math.max(start, end - 'CASCADE'.length),
        end,
        message: messageOf(context.name(textOf(command, 'name'))),
      };
    }
  },
};

/** The word CASCADE. */
function lastWord(context: { readonly statement: { readonly end: number; readonly start: number } }): {
  start: number;
  end: number;
} {
  const { start, end } = context.statement;
  return { start: Math.max(start, end - 'CASCADE'.length), end };
}

function messageOf(name: string): string {
  return `CASCADE drops whatever depends on ${name} (views, foreign keys, columns), and no script says what that was. Drop each of them by name, before.`;
}
