import { listOf, nodeOf, textOf } from '../rollback/tree';
import { placeOf } from '../sql/parsed-statement';
import type { Schema } from '../sql/replay/schema';
import { elementEnd } from '../sql/replay/written-parts';
import type { AddedForeignKey } from './rules/safety/foreign-key-without-index';
import type { StatementContext } from './statement-context';

/** The foreign keys that a statement has made, asked behind it; `before` is how many constraints the table had. */
export function addedForeignKeys(context: StatementContext, before: number, schema: Schema): AddedForeignKey[] {
  const table = context.keyIn();
  const relation = table === undefined ? undefined : schema.relation(table);
  if (table === undefined || !relation) return [];
  const places = foreignKeyPlaces(context);
  return relation.constraints
    .slice(before)
    .filter(({ kind }) => kind === 'foreign-key')
    .map(({ name }, at) => ({ table, constraint: name, ...(places[at] ?? context.headToRelation) }));
}

/** Where the foreign keys of a CREATE or ALTER TABLE stand, in their order. */
function foreignKeyPlaces(context: StatementContext): { readonly start: number; readonly end: number }[] {
  const { node, scope, statement } = context;
  const definitions = [
    ...listOf(node, 'tableElts'),
    ...listOf(node, 'cmds').map((item) => nodeOf(nodeOf(item, 'AlterTableCmd'), 'def') ?? {}),
  ];
  return definitions.flatMap((definition) => {
    const column = nodeOf(definition, 'ColumnDef');
    const constraints = column
      ? listOf(column, 'constraints').map((one) => nodeOf(one, 'Constraint'))
      : [nodeOf(definition, 'Constraint')];
    return constraints.flatMap((constraint) => {
      const start = placeOf(statement, constraint?.['location']);
      if (textOf(constraint, 'contype') !== 'CONSTR_FOREIGN' || start === undefined) return [];
      return [{ start, end: elementEnd(scope, start) }];
    });
  });
}
