import type { TreeNode } from '../../sql/grammar';
import { listOf, namesOf, nodeOf, textOf } from '../tree';
import { canonical } from './canonical';
import type { Catalog } from './catalog';
import type { CatalogObject } from './catalog-object';
import { rangeKey } from './object-names';
import { neededBy, referencesIn } from './references';

/** Constraint types that are an object of their own, and the ending of the name that PostgreSQL gives them. */
const endings: Readonly<Record<string, string>> = {
  CONSTR_PRIMARY: 'pkey',
  CONSTR_UNIQUE: 'key',
  CONSTR_FOREIGN: 'fkey',
  CONSTR_CHECK: 'check',
  CONSTR_EXCLUSION: 'excl',
};

/**
 * Adds a constraint to a table, under the name that PostgreSQL would give it when it has none. `on` are the columns that it
 * stands in the definition of. A primary key makes its columns NOT NULL; an index that is taken over is no longer its own.
 */
export function addConstraint(
  catalog: Catalog,
  table: CatalogObject,
  constraint: TreeNode,
  on: readonly string[] = [],
): void {
  const type = textOf(constraint, 'contype') ?? '';
  if (type === 'CONSTR_NOTNULL') {
    for (const column of namesOf(listOf(constraint, 'keys'))) setNotNull(catalog, table, column);
    return;
  }
  const ending = endings[type];
  if (ending === undefined) return;
  const index = textOf(constraint, 'indexname');
  const taken = index === undefined ? undefined : catalog.find('relation', withSchemaOf(table, index));
  const columns = taken ? taken.columns : columnsOf(constraint, type, on);
  const key =
    textOf(constraint, 'conname') ??
    index ??
    freeName(catalog, table, type === 'CONSTR_PRIMARY' ? [] : columns, ending);
  const referenced = rangeKey(nodeOf(constraint, 'pktable'));
  const facets = new Map([['definition', definitionOf(constraint, type, columns, referenced)]]);
  if (constraint['initially_valid'] !== true && constraint['skip_validation'] === true) facets.set('validated', 'not');
  const needs = [
    ...(referenced === undefined
      ? []
      : referencedBy(catalog, table, referenced, namesOf(listOf(constraint, 'pk_attrs')))),
    ...neededBy(catalog, nodeOf(constraint, 'raw_expr'), table),
  ].filter((object) => object.parent !== table && object !== table);
  if (taken) catalog.drop(taken);
  catalog.create({ space: 'constraint', kind: 'constraint', key, parent: table, facets, columns, needs });
  // Where nothing tells whether a column was NOT NULL before, nothing tells that it changes.
  if (type === 'CONSTR_PRIMARY')
    for (const name of columns) {
      const column = catalog.get('column', name, 'column', table);
      if (catalog.value(column, 'NOT NULL') === '') catalog.set(column, 'NOT NULL', 'yes');
    }
}

export function setNotNull(catalog: Catalog, table: CatalogObject, name: string): void {
  const column = catalog.get('column', name, 'column', table);
  if (catalog.value(column, 'NOT NULL') !== 'yes') catalog.set(column, 'NOT NULL', 'yes');
}

/** A name with the schema of a table. */
export function withSchemaOf(table: CatalogObject, name: string): string {
  const at = table.key.lastIndexOf('.');
  return at === -1 ? name : `${table.key.slice(0, at)}.${name}`;
}

function columnsOf(constraint: TreeNode, type: string, on: readonly string[]): readonly string[] {
  const named = namesOf(listOf(constraint, type === 'CONSTR_FOREIGN' ? 'fk_attrs' : 'keys'));
  if (named.length > 0) return named;
  if (type === 'CONSTR_CHECK') return [...referencesIn(nodeOf(constraint, 'raw_expr')).columns];
  if (type === 'CONSTR_EXCLUSION')
    return listOf(constraint, 'exclusions').flatMap(
      (item) => textOf(nodeOf(listOf(nodeOf(item, 'List'), 'items')[0], 'IndexElem'), 'name') ?? [],
    );
  return on;
}

/** The table of a foreign key, and the key of it that the foreign key stands on. */
function referencedBy(
  catalog: Catalog,
  table: CatalogObject,
  referenced: string,
  columns: readonly string[],
): CatalogObject[] {
  const target = catalog.get('relation', referenced, 'table');
  if (target === table) return [];
  const wanted = [...columns].sort().join();
  const key = catalog
    .childrenOf(target)
    .find(
      ({ space, columns: own, facets }) =>
        (space === 'constraint' || wanted !== '') &&
        (wanted === ''
          ? facets.get('definition')?.value.startsWith('CONSTR_PRIMARY') === true
          : /^CONSTR_(PRIMARY|UNIQUE)|"unique":true/.test(facets.get('definition')?.value ?? '') &&
            [...own].sort().join() === wanted),
    );
  return key ? [target, key] : [target];
}

/** What a constraint says; the columns of a foreign key's primary key may be left out. */
function definitionOf(
  constraint: TreeNode,
  type: string,
  columns: readonly string[],
  referenced: string | undefined,
): string {
  const parts = [
    'raw_expr',
    'fk_matchtype',
    'fk_upd_action',
    'fk_del_action',
    'deferrable',
    'initdeferred',
    'including',
    'exclusions',
    'where_clause',
    'nulls_not_distinct',
  ];
  const rest = Object.fromEntries(
    parts.flatMap((part) => (constraint[part] === undefined ? [] : [[part, constraint[part]]])),
  );
  const made = type === 'CONSTR_CHECK' ? '' : columns.join(',');
  return `${type} (${made}) ${referenced ?? ''} ${canonical(rest)}`;
}

/** The name that PostgreSQL chooses: the table's, those of up to two columns and more, the ending, and a number. */
function freeName(catalog: Catalog, table: CatalogObject, columns: readonly string[], ending: string): string {
  const bare = table.key.slice(table.key.lastIndexOf('.') + 1);
  // A check of several columns is named after the table alone.
  const middle = ending === 'check' && columns.length !== 1 ? [] : columns;
  const wanted = shortened(bare, middle.join('_'), ending);
  let name = wanted;
  for (
    let number = 1;
    catalog.find('constraint', name, table) || catalog.find('relation', withSchemaOf(table, name));
    number++
  )
    name = `${wanted}${number}`;
  return name;
}

/** Cuts the longer of table and columns until the name has 63 bytes. */
export function shortened(table: string, columns: string, ending: string): string {
  const size = (text: string): number => new TextEncoder().encode(text).length;
  const room = 63 - size(ending) - 1 - (columns === '' ? 0 : 1);
  let [first, second] = [table, columns];
  while (size(first) + size(second) > room) {
    if (size(first) > size(second)) first = first.slice(0, -1);
    else second = second.slice(0, -1);
  }
  return [first, ...(second === '' ? [] : [second]), ending].join('_');
}
