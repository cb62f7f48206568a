import { textOf } from '../../../rollback/tree';
import { droppedObjects } from '../../dropped-objects';
import type { Issue, StatementRule } from '../../rule';

/** Kinds with rules of their own, which tell what goes, and kinds on which nothing depends. */
const elsewhere = new Set([
  'OBJECT_TYPE',
  'OBJECT_DOMAIN',
  'OBJECT_SCHEMA',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
  'OBJECT_EVENT_TRIGGER',
]);

export const cascade: StatementRule = {
  id: 'safety/cascade',
  title: 'CASCADE drops what the script does not name',
  // Of an undo script it is asked what the CASCADE takes: rollback/cascade.
  inUndo: false,
  on: ['DropStmt', 'AT_DropColumn', 'AT_DropConstraint'],
  *check(context): Generator<Issue> {
    const kind = textOf(context.node, 'removeType') ?? '';
    const dropped = elsewhere.has(kind) ? [] : droppedObjects(context);
    if (dropped.some((one) => one.cascade && !one.isNew))
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
