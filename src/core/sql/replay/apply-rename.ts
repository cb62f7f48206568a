import { listOf, namesOf, nodeOf, relationOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../grammar';
import { changeRelation, putIndex, rekeyRelation, removeIndex, schemaPrefix } from './change-relation';
import { ColumnList } from './column-list';
import type { Schema } from './schema';
import type { IndexPart, Relation } from './schema-object';
import { keyOf, keyOfNames, type StatementScope } from './scope';

/** ALTER … RENAME of a relation, a column, a constraint, an index, a type. */
export function applyRename(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const kind = textOf(node, 'renameType');
  const to = scope.restore(textOf(node, 'newname') ?? '?');
  const old = scope.restore(textOf(node, 'subname') ?? '');
  const name = relationOf(nodeOf(node, 'relation'));
  const key = name && keyOf(scope, name);
  if (kind === 'OBJECT_SCHEMA') renameSchema(schema, old, to);
  else if (kind === 'OBJECT_TYPE' || kind === 'OBJECT_DOMAIN') {
    const names = namesOf(listOf(nodeOf(nodeOf(node, 'object'), 'List'), 'items'));
    renameType(schema, keyOfNames(scope, names), to);
  } else if (key === undefined) return;
  else if (kind === 'OBJECT_COLUMN') renameColumn(schema, key, old, to);
  else if (kind === 'OBJECT_TABCONSTRAINT') renameConstraint(schema, key, old, to);
  // ALTER TABLE … RENAME takes indexes as well.
  else if (schema.index(key)) renameIndex(schema, key, schemaPrefix(key) + to);
  else rekeyRelation(schema, key, schemaPrefix(key) + to);
}

function renameType(schema: Schema, key: string, to: string): void {
  const type = schema.type(key);
  if (!type) return;
  schema.remove('type', key);
  schema.put({ ...type, key: schemaPrefix(key) + to });
}

/** ALTER … SET SCHEMA. */
export function applySetSchema(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const name = relationOf(nodeOf(node, 'relation'));
  const target = scope.restore(textOf(node, 'newschema') ?? '?');
  if (name) rekeyRelation(schema, keyOf(scope, name), target === 'public' ? name.name : `${target}.${name.name}`);
}

function renameSchema(schema: Schema, from: string, to: string): void {
  const prefix = from === 'public' ? '' : `${from}.`;
  for (const { key } of schema.all('relation'))
    if (schemaPrefix(key) === prefix)
      rekeyRelation(schema, key, (to === 'public' ? '' : `${to}.`) + key.slice(prefix.length));
}

function renameIndex(schema: Schema, from: string, to: string): void {
  const index = schema.index(from);
  if (!index) return;
  removeIndex(schema, from);
  putIndex(schema, { ...index, key: to });
}

function renameConstraint(schema: Schema, key: string, from: string, to: string): void {
  const table = schema.relation(key);
  if (!table) return;
  changeRelation(schema, key, ({ constraints }) => ({
    constraints: constraints.map((one) => (one.name === from ? { ...one, name: to } : one)),
  }));
  const index = schema.indexesOf(table).find((one) => one.constraint === from);
  if (!index) return;
  removeIndex(schema, index.key);
  putIndex(schema, { ...index, key: schemaPrefix(key) + to, constraint: to });
}

function renameColumn(schema: Schema, key: string, from: string, to: string): void {
  const table = schema.relation(key);
  if (!table) return;
  const other = (name: string): string => (name === from ? to : name);
  changeRelation(schema, key, ({ columns, constraints, partitionKey }): Partial<Relation> => ({
    columns: ColumnList.of([...columns.values()].map((column) => ({ ...column, name: other(column.name) }))),
    constraints: constraints.map((one) => ({
      ...one,
      columns: one.columns.map(other),
      provesNotNull: one.provesNotNull.map(other),
    })),
    ...(partitionKey && { partitionKey: partitionKey.map(other) }),
  }));
  for (const index of schema.indexesOf(table)) {
    const parts = index.parts.map((part): IndexPart => (part.expression ? part : { ...part, what: other(part.what) }));
    schema.put({ ...index, parts, included: index.included.map(other) });
  }
}
