import { listOf, namesOf, nodeOf, textOf } from '../../rollback/tree';
import { typeNameOf } from '../../rollback/type-name';
import type { TreeNode } from '../grammar';
import { placeOf } from '../parsed-statement';
import { constraintOf } from './constraint-definition';
import type { Column, TableConstraint } from './schema-object';
import { keyOfNames, type StatementScope } from './scope';
import { expressionAfter } from './written-parts';

export interface DefinedColumn {
  readonly column: Column;
  /** The constraints that stand in the definition of the column; their names may be PostgreSQL's. */
  readonly constraints: readonly TableConstraint[];
}

const serials = new Set(['serial', 'serial2', 'serial4', 'serial8', 'smallserial', 'bigserial']);

/** Whether a type name is one of the serial ones, which are a sequence and a default. */
export function isSerial(typeName: TreeNode | undefined): boolean {
  const names = namesOf(listOf(typeName, 'names'));
  return names.length === 1 && serials.has(names[0] ?? '');
}

/** The key of a type that is not one of PostgreSQL's own, under which the schema knows it. */
export function typeKey(scope: StatementScope, typeName: TreeNode | undefined): string | undefined {
  const names = namesOf(listOf(typeName, 'names'));
  if (names.length === 0 || names[0] === 'pg_catalog' || listOf(typeName, 'arrayBounds').length > 0) return undefined;
  return keyOfNames(scope, names);
}

/** Reads a ColumnDef of CREATE TABLE or ADD COLUMN. */
export function columnOf(scope: StatementScope, table: string, definition: TreeNode): DefinedColumn {
  const name = scope.restore(textOf(definition, 'colname') ?? '?');
  const typeName = nodeOf(definition, 'typeName');
  const type = typeNameOf(typeName);
  const constraints = listOf(definition, 'constraints').map((item) => nodeOf(item, 'Constraint') ?? {});
  const has = (kind: string): TreeNode | undefined => constraints.find((one) => textOf(one, 'contype') === kind);
  const standing = has('CONSTR_DEFAULT');
  const keyword = placeOf(scope.statement, standing?.['location']);
  const generated = has('CONSTR_GENERATED');
  const collation = namesOf(listOf(nodeOf(definition, 'collClause'), 'collname')).at(-1);
  const serial = isSerial(typeName);
  const column: Column = {
    name,
    type: type === undefined ? undefined : scope.restore(type),
    notNull: serial || ['CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY'].some((kind) => has(kind) !== undefined),
    origin: scope.origin,
    ...(collation !== undefined && { collation }),
    ...(keyword !== undefined && { default: expressionAfter(scope, keyword) }),
    ...(serial && { default: `nextval('${table}_${name}_seq'::regclass)` }),
    ...(has('CONSTR_IDENTITY') && { generated: 'identity' as const }),
    ...(generated && {
      generated: textOf(generated, 'generated_kind') === 'v' ? ('virtual' as const) : ('stored' as const),
    }),
  };
  return { column, constraints: constraints.flatMap((one) => constraintOf(scope, table, one, name) ?? []) };
}
