import { textOf } from '../../../rollback/tree';
import { usesColumn } from '../../../sql/replay/change-relation';
import type { Relation } from '../../../sql/replay/schema-object';
import type { Schema } from '../../../sql/replay/schema';
import type { Issue, StatementRule } from '../../rule';

export const dropColumn: StatementRule = {
  id: 'safety/drop-column',
  title: 'DROP COLUMN breaks the code that still names it, and takes more with it than the column',
  inUndo: false,
  on: ['AT_DropColumn'],
  *check(context): Generator<Issue> {
    const { relation } = context;
    const table = context.keyIn() ?? '?';
    if (context.script.isNew(relation)) return;
    for (const { command, start, end } of context.commands('AT_DropColumn')) {
      const name = context.name(textOf(command, 'name'));
      // What the script has added itself nobody reads yet.
      if (relation?.columns.get(name)?.origin.script === context.script.script.path) continue;
      const taken = relation ? goesWith(context.schema, relation, name) : [];
      const more = taken.length === 0 ? '' : ` With it go, without a word: ${taken.join(', ')}.`;
      yield {
        start,
        end,
        message: `Instances of the application that still name ${table}.${name} fail from here on: release the code that does not, first.${more}`,
      };
    }
  },
};

/** Indexes and constraints that stand on a column. */
function goesWith(schema: Schema, relation: Relation, column: string): string[] {
  const constraints = relation.constraints.filter((constraint) => constraint.columns.includes(column));
  const indexes = schema
    .indexesOf(relation)
    .filter((index) => index.constraint === undefined && usesColumn(index, column));
  return [
    ...constraints.map(({ kind, name }) => `the ${kind.replace('-', ' ')} ${name}`),
    ...indexes.map(({ key }) => `the index ${key}`),
  ];
}
