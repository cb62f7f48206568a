import type { Schema } from './schema';
import {
  emptyRelation,
  type Column,
  type Index,
  type IndexPart,
  type Origin,
  type Relation,
  type TableConstraint,
} from './schema-object';

/** The origin of what was there before every script, or came from elsewhere. */
export const unknownOrigin: Origin = { script: '', transaction: undefined };

/** A relation, or one of which nothing is known but that a script speaks of it. */
export function relationOrUnknown(schema: Schema, key: string): Relation {
  return schema.relation(key) ?? emptyRelation({ key, origin: unknownOrigin, definition: '' }, 'table');
}

export function changeRelation(schema: Schema, key: string, change: (relation: Relation) => Partial<Relation>): void {
  const relation = relationOrUnknown(schema, key);
  schema.put({ ...relation, ...change(relation) });
}

export function putColumn(schema: Schema, table: string, column: Column): void {
  changeRelation(schema, table, ({ columns }) => ({ columns: columns.with(column) }));
}

/** Changes a column of which something is known. */
export function changeColumn(schema: Schema, table: string, name: string, change: Partial<Column>): void {
  const column = schema.relation(table)?.columns.get(name);
  if (column) putColumn(schema, table, { ...column, ...change });
  else
    putColumn(schema, table, {
      name,
      type: undefined,
      notNull: false,
      origin: unknownOrigin,
      ...change,
    });
}

/** Schema and a dot, of a key; empty for public. */
export function schemaPrefix(key: string): string {
  return key.slice(0, key.lastIndexOf('.') + 1);
}

/** A name that no constraint and no index of the schema has, as PostgreSQL would choose it. */
function freeName(schema: Schema, table: Relation, wanted: string): string {
  const taken = (name: string): boolean =>
    table.constraints.some((constraint) => constraint.name === name) ||
    schema.index(schemaPrefix(table.key) + name) !== undefined;
  if (!taken(wanted)) return wanted;
  let number = 1;
  while (taken(`${wanted}${number}`)) number++;
  return `${wanted}${number}`;
}

/** Adds a constraint, the index that it brings, and the NOT NULL of a primary key. `using` is an index it takes over. */
export function addConstraint(schema: Schema, key: string, wanted: TableConstraint, using?: string): void {
  const table = relationOrUnknown(schema, key);
  const constraint = { ...wanted, name: freeName(schema, table, wanted.name) };
  const index = using === undefined ? undefined : schema.index(using);
  const columns = index ? index.parts.map(({ what }) => what) : constraint.columns;
  changeRelation(schema, key, (relation) => ({ constraints: [...relation.constraints, { ...constraint, columns }] }));
  if (index) {
    removeIndex(schema, index.key);
    putIndex(schema, { ...index, key: schemaPrefix(key) + constraint.name, constraint: constraint.name });
  } else if (['primary-key', 'unique', 'exclude'].includes(constraint.kind)) {
    putIndex(schema, {
      kind: 'index',
      key: schemaPrefix(key) + constraint.name,
      table: key,
      origin: constraint.origin,
      definition: constraint.definition,
      parts: columns.map((what): IndexPart => ({ what, expression: false, how: '' })),
      included: [],
      unique: constraint.kind !== 'exclude',
      method: constraint.kind === 'exclude' ? 'gist' : 'btree',
      constraint: constraint.name,
    });
  }
  if (constraint.kind === 'primary-key' || (constraint.kind === 'not-null' && constraint.valid))
    for (const column of columns) changeColumn(schema, key, column, { notNull: true });
}

export function putIndex(schema: Schema, index: Index): void {
  schema.put(index);
  changeRelation(schema, index.table, ({ indexes }) => ({ indexes: [...indexes, index.key] }));
}

export function removeIndex(schema: Schema, key: string): void {
  const index = schema.index(key);
  if (!index) return;
  schema.remove('index', key);
  if (schema.relation(index.table))
    changeRelation(schema, index.table, ({ indexes }) => ({ indexes: indexes.filter((other) => other !== key) }));
}

/** Takes away a constraint and the index that belongs to it. */
export function removeConstraint(schema: Schema, key: string, name: string): void {
  const table = schema.relation(key);
  const constraint = table?.constraints.find((one) => one.name === name);
  if (!table || !constraint) return;
  changeRelation(schema, key, ({ constraints }) => ({ constraints: constraints.filter((one) => one !== constraint) }));
  const index = schema.indexesOf(table).find((one) => one.constraint === name);
  if (index) removeIndex(schema, index.key);
  if (constraint.kind === 'not-null')
    for (const column of constraint.columns) changeColumn(schema, key, column, { notNull: false });
}

/** Takes away a column with the indexes and constraints that it is a part of, as PostgreSQL does without a word. */
export function removeColumn(schema: Schema, key: string, name: string): void {
  const table = schema.relation(key);
  if (!table) return;
  for (const index of schema.indexesOf(table)) if (usesColumn(index, name)) removeIndex(schema, index.key);
  changeRelation(schema, key, ({ columns, constraints }) => ({
    columns: columns.without(name),
    constraints: constraints.filter((constraint) => !constraint.columns.includes(name)),
  }));
}

/** Whether an index stands on a column, has it included or names it in its predicate or in an expression. */
export function usesColumn(index: Index, name: string): boolean {
  return (
    index.parts.some((part) => (part.expression ? namesColumn(part.what, name) : part.what === name)) ||
    index.included.includes(name) ||
    (index.predicate !== undefined && namesColumn(index.predicate, name))
  );
}

function namesColumn(expression: string, name: string): boolean {
  if (!expression.includes(name)) return false;
  const word = new RegExp(`(^|[^\\w$])"?${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"?($|[^\\w$])`);
  return word.test(expression);
}

/** Takes away a relation with its indexes, and its name from the relations around it. */
export function removeRelation(schema: Schema, key: string): void {
  const relation = schema.relation(key);
  if (!relation) return;
  for (const partition of relation.partitions) removeRelation(schema, partition);
  for (const index of relation.indexes) schema.remove('index', index);
  for (const name of relation.triggers) schema.remove('other', `trigger ${key} ${name}`);
  for (const name of relation.policies) schema.remove('other', `policy ${key} ${name}`);
  schema.remove('relation', key);
  if (relation.partitionOf !== undefined) unlinkPartition(schema, relation.partitionOf, key);
}

export function unlinkPartition(schema: Schema, parent: string, key: string): void {
  if (!schema.relation(parent)) return;
  changeRelation(schema, parent, ({ partitions }) => ({ partitions: partitions.filter((other) => other !== key) }));
}

/** Gives a relation another key, wherever the schema names it. */
export function rekeyRelation(schema: Schema, from: string, to: string): void {
  const relation = schema.relation(from);
  if (!relation || from === to) return;
  schema.remove('relation', from);
  const moved = relation.indexes.flatMap((key) => schema.index(key) ?? []);
  const [before, after] = [schemaPrefix(from), schemaPrefix(to)];
  const rekeyed = (key: string): string => (before === after ? key : after + key.slice(before.length));
  for (const index of moved) {
    schema.remove('index', index.key);
    schema.put({ ...index, key: rekeyed(index.key), table: to });
  }
  schema.put({ ...relation, key: to, indexes: moved.map(({ key }) => rekeyed(key)) });
  for (const other of schema.all('relation')) {
    const refers = other.constraints.some(({ references }) => references?.table === from);
    if (refers || other.partitionOf === from || other.partitions.includes(from))
      schema.put({
        ...other,
        ...(other.partitionOf === from && { partitionOf: to }),
        partitions: other.partitions.map((key) => (key === from ? to : key)),
        constraints: other.constraints.map((constraint) =>
          constraint.references?.table === from
            ? { ...constraint, references: { ...constraint.references, table: to } }
            : constraint,
        ),
      });
  }
}

/** The columns of a type, which a table in the same schema names without it. */
export function columnsOfType(
  schema: Schema,
  type: string,
): { readonly relation: Relation; readonly column: Column }[] {
  return schema.all('relation').flatMap((relation) =>
    [...relation.columns.values()]
      .filter((column) => {
        const named = column.type?.replace(/(\[\])+$/, '');
        return named === type || (named !== undefined && schemaPrefix(relation.key) + named === type);
      })
      .map((column) => ({ relation, column })),
  );
}
