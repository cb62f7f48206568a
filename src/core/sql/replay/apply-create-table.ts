import { flagOf, listOf, nodeOf, relationOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../grammar';
import { optionText } from '../parsed-statement';
import { addConstraint, changeRelation, relationOrUnknown } from './change-relation';
import { columnOf } from './column-definition';
import { ColumnList } from './column-list';
import { constraintOf } from './constraint-definition';
import type { Schema } from './schema';
import { emptyRelation, type Column, type Relation, type TableConstraint } from './schema-object';
import { definitionOf, keyOf, type StatementScope } from './scope';

const persistences: Readonly<Record<string, Relation['persistence']>> = { u: 'unlogged', t: 'temporary' };

/** CREATE [FOREIGN] TABLE, with its columns, constraints and partitions. With IF NOT EXISTS the one that is there stays. */
export function applyCreateTable(schema: Schema, scope: StatementScope, node: TreeNode, foreign = false): void {
  const range = nodeOf(node, 'relation');
  const name = relationOf(range);
  if (!name) return;
  const key = keyOf(scope, name);
  if (flagOf(node, 'if_not_exists') && schema.relation(key)) return;
  const columns = new Map<string, Column>();
  const constraints: TableConstraint[] = [];
  let complete = true;
  for (const item of listOf(node, 'tableElts')) {
    const definition = nodeOf(item, 'ColumnDef');
    const constraint = nodeOf(item, 'Constraint');
    if (definition) {
      const defined = columnOf(scope, key, definition);
      columns.set(defined.column.name, defined.column);
      constraints.push(...defined.constraints);
    } else if (constraint) {
      const own = constraintOf(scope, key, constraint);
      if (own) constraints.push(own);
    } else {
      const like = relationOf(nodeOf(nodeOf(item, 'TableLikeClause'), 'relation'));
      complete &&= copyColumns(schema, like && keyOf(scope, like), columns);
    }
  }
  const parents = listOf(node, 'inhRelations').flatMap((item) => relationOf(nodeOf(item, 'RangeVar')) ?? []);
  const parentKeys = parents.map((parent) => keyOf(scope, parent));
  const isPartition = nodeOf(node, 'partbound') !== undefined;
  for (const parent of parentKeys) complete = copyColumns(schema, parent, columns) && complete;
  if (listOf(nodeOf(node, 'ofTypename'), 'names').length > 0) complete = false;
  const partitionBy = nodeOf(node, 'partspec');
  schema.put({
    ...emptyRelation(
      { key, origin: scope.origin, definition: definitionOf(scope) },
      foreign ? 'foreign table' : 'table',
    ),
    complete,
    columns: ColumnList.of(columns.values()),
    persistence: persistences[textOf(range, 'relpersistence') ?? ''] ?? 'permanent',
    inherits: isPartition ? [] : parentKeys,
    options: optionsOf(listOf(node, 'options')),
    ...(partitionBy && { partitionKey: partitionKeyOf(partitionBy).map(scope.restore) }),
  });
  for (const constraint of constraints) addConstraint(schema, key, constraint);
  const parent = parentKeys[0];
  if (isPartition && parent !== undefined)
    linkPartition(schema, parent, key, flagOf(nodeOf(node, 'partbound'), 'is_default'));
}

/** Makes a table a partition; the indexes of the parent are made on it too, under names that do not matter here. */
export function linkPartition(schema: Schema, parent: string, key: string, isDefault: boolean): void {
  changeRelation(schema, parent, ({ partitions, partitionKey }) => ({
    partitions: [...partitions, key],
    // Of a parent that no script made, this is known at least.
    partitionKey: partitionKey ?? [],
  }));
  changeRelation(schema, key, () => ({ partitionOf: parent, isDefaultPartition: isDefault }));
}

/** CREATE TABLE AS, CREATE MATERIALIZED VIEW, SELECT INTO: the columns come from a query, and are not known. */
export function applyQueryTable(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const range = nodeOf(nodeOf(node, 'into') ?? nodeOf(node, 'intoClause'), 'rel');
  const name = relationOf(range);
  if (!name) return;
  const key = keyOf(scope, name);
  if (flagOf(node, 'if_not_exists') && schema.relation(key)) return;
  const type = textOf(node, 'objtype') === 'OBJECT_MATVIEW' ? 'materialized view' : 'table';
  schema.put({
    ...emptyRelation({ key, origin: scope.origin, definition: definitionOf(scope) }, type),
    persistence: persistences[textOf(range, 'relpersistence') ?? ''] ?? 'permanent',
  });
}

/** CREATE [OR REPLACE] VIEW and CREATE SEQUENCE. */
export function applyCreateOther(
  schema: Schema,
  scope: StatementScope,
  range: TreeNode | undefined,
  type: 'view' | 'sequence',
  mayBeThere: boolean,
): void {
  const name = relationOf(range);
  if (!name) return;
  const key = keyOf(scope, name);
  const before = schema.relation(key);
  if (before && mayBeThere && type === 'sequence') return;
  // A replaced view keeps its owner, its comment and its privileges.
  schema.put(
    before?.type === type
      ? { ...before, definition: definitionOf(scope) }
      : emptyRelation({ key, origin: scope.origin, definition: definitionOf(scope) }, type),
  );
}

export function optionsOf(options: readonly TreeNode[]): Map<string, string> {
  return new Map(
    options.flatMap((item): [string, string][] => {
      const option = nodeOf(item, 'DefElem');
      const name = textOf(option, 'defname');
      const space = textOf(option, 'defnamespace');
      return name === undefined
        ? []
        : [[space === undefined ? name : `${space}.${name}`, optionText(option) ?? 'true']];
    }),
  );
}

/** @returns whether all columns of the other table are known */
function copyColumns(schema: Schema, from: string | undefined, columns: Map<string, Column>): boolean {
  if (from === undefined) return false;
  const source = relationOrUnknown(schema, from);
  for (const [name, column] of source.columns) if (!columns.has(name)) columns.set(name, column);
  return source.complete;
}

function partitionKeyOf(specification: TreeNode): string[] {
  return listOf(specification, 'partParams').map((item) => textOf(nodeOf(item, 'PartitionElem'), 'name') ?? '');
}
