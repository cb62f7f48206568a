import type { TreeNode } from '../../sql/grammar';
import { flagOf, listOf, namesOf, nodeOf, nodesOf, textOf } from '../tree';
import { typeNameOf } from '../type-name';
import { addConstraint } from './apply-constraint';
import { canonical } from './canonical';
import type { Catalog } from './catalog';
import type { CatalogObject } from './catalog-object';
import { neededBy, typeNeeded } from './references';

const serials: Readonly<Record<string, true>> = {
  serial: true,
  serial2: true,
  serial4: true,
  serial8: true,
  smallserial: true,
  bigserial: true,
};

/** Adds the column of a ColumnDef to a table, with its constraints and the sequence of a serial or identity one. */
export function addColumn(
  catalog: Catalog,
  table: CatalogObject,
  definition: TreeNode | undefined,
): CatalogObject | undefined {
  const name = textOf(definition, 'colname');
  if (name === undefined) return undefined;
  const typeName = nodeOf(definition, 'typeName');
  const constraints = nodesOf(definition, 'constraints', 'Constraint');
  const of = (type: string): TreeNode | undefined => constraints.find((one) => textOf(one, 'contype') === type);
  const serial = isSerial(typeName);
  const standing = of('CONSTR_DEFAULT');
  const generated = of('CONSTR_GENERATED');
  const identity = of('CONSTR_IDENTITY');
  const notNull =
    serial || ['CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY'].some((type) => of(type) !== undefined);
  const facets = new Map<string, string>([['type', typeText(typeName, nodeOf(definition, 'collClause'))]]);
  if (notNull) facets.set('NOT NULL', 'yes');
  if (standing) facets.set('default', canonical(nodeOf(standing, 'raw_expr')));
  if (serial) facets.set('default', 'its own sequence');
  if (generated)
    facets.set('generated', canonical(nodeOf(generated, 'raw_expr')) + (textOf(generated, 'generated_kind') ?? ''));
  if (identity) facets.set('identity', textOf(identity, 'generated_when') ?? 'd');
  const storage = textOf(definition, 'storage_name');
  if (storage !== undefined) facets.set('storage', storage);
  const needs = [
    ...typeNeeded(catalog, typeName),
    ...neededBy(catalog, [nodeOf(standing, 'raw_expr'), nodeOf(generated, 'raw_expr')], table),
  ];
  const column = catalog.create({ space: 'column', kind: 'column', key: name, parent: table, facets, needs });
  if (serial || identity) {
    const key = sequenceOf(table, name);
    if (!catalog.find('relation', key))
      catalog.addNeed(column, catalog.create({ space: 'relation', kind: 'sequence', key, parent: column }));
  }
  for (const constraint of constraints) addConstraint(catalog, table, constraint, [name]);
  return column;
}

/** A type with its collation, as one text. */
export function typeText(typeName: TreeNode | undefined, collation: TreeNode | undefined): string {
  const name = typeNameOf(typeName) ?? '?';
  const collated = namesOf(listOf(collation, 'collname')).at(-1);
  return `${name.replace(/^"?public"?\./, '')}${flagOf(typeName, 'setof') ? ' setof' : ''}${collated === undefined ? '' : ` COLLATE ${collated}`}`;
}

/** The key of the sequence that PostgreSQL makes for a serial or identity column. */
export function sequenceOf(table: CatalogObject, column: string): string {
  return `${table.key}_${column}_seq`;
}

function isSerial(typeName: TreeNode | undefined): boolean {
  const names = namesOf(listOf(typeName, 'names'));
  return names.length === 1 && serials[names[0] ?? ''] === true;
}

/** Drops a column with everything that is made of it: indexes, constraints, statistics of several columns too. */
export function dropColumn(catalog: Catalog, table: CatalogObject, name: string): CatalogObject {
  const column = catalog.get('column', name, 'column', table);
  for (const part of catalog.childrenOf(table))
    if (part !== column && part.columns.includes(name)) catalog.drop(part, column);
  catalog.drop(column);
  return column;
}
