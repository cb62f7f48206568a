import type { TreeNode } from '../../sql/grammar';
import { flagOf, listOf, namesOf, nodeOf, textOf } from '../tree';
import { addColumn } from './apply-columns';
import { addConstraint, shortened, withSchemaOf } from './apply-constraint';
import { canonical, canonicalQuery } from './canonical';
import { withObjects } from './query-names';
import type { Catalog } from './catalog';
import type { CatalogObject } from './catalog-object';
import { keyOf, rangeKey } from './object-names';
import { neededBy } from './references';

/** CREATE TABLE, with its columns and constraints. */
export function createTable(catalog: Catalog, node: TreeNode, server?: CatalogObject): void {
  const range = nodeOf(node, 'relation');
  const key = rangeKey(range);
  if (key === undefined || isTemporary(range)) return;
  if (flagOf(node, 'if_not_exists') && catalog.find('relation', key)) return;
  const parents = listOf(node, 'inhRelations').flatMap((item) => rangeKey(nodeOf(item, 'RangeVar')) ?? []);
  const needs = parents.map((parent) => catalog.get('relation', parent, 'table'));
  if (server) needs.push(server);
  const facets = new Map<string, string>();
  const partition = nodeOf(node, 'partspec');
  if (partition) facets.set('partition key', canonical(partition));
  const bound = nodeOf(node, 'partbound');
  if (bound && parents[0] !== undefined) facets.set('partition of', `${parents[0]} ${canonical(bound)}`);
  else for (const parent of parents) facets.set(`inherits ${parent}`, 'yes');
  for (const option of listOf(node, 'options')) setOption(facets, nodeOf(option, 'DefElem'));
  if (flagOf(node, 'if_not_exists')) facets.set('may have been there', 'yes');
  const table = catalog.create({ space: 'relation', kind: 'table', key, facets, needs });
  if (table.born !== catalog.now) return;
  for (const item of listOf(node, 'tableElts')) {
    const definition = nodeOf(item, 'ColumnDef');
    if (definition) addColumn(catalog, table, definition);
    const like = rangeKey(nodeOf(nodeOf(item, 'TableLikeClause'), 'relation'));
    const source = like === undefined ? undefined : catalog.find('relation', like);
    for (const column of source ? catalog.childrenOf(source) : [])
      if (column.space === 'column')
        catalog.create({ space: 'column', kind: 'column', key: column.key, parent: table });
  }
  for (const item of [...listOf(node, 'tableElts'), ...listOf(node, 'constraints')]) {
    const constraint = nodeOf(item, 'Constraint');
    if (constraint) addConstraint(catalog, table, constraint);
  }
}

/** `fillfactor=70` among the properties of a table. */
export function setOption(facets: Map<string, string>, option: TreeNode | undefined): void {
  const name = textOf(option, 'defname');
  if (name !== undefined) facets.set(`option ${name}`, canonical(nodeOf(option, 'arg') ?? 'true'));
}

/** CREATE TABLE AS, SELECT INTO, CREATE MATERIALIZED VIEW. */
export function createFromQuery(
  catalog: Catalog,
  into: TreeNode | undefined,
  query: unknown,
  kind: string,
  lenient: boolean,
): void {
  const range = nodeOf(into, 'rel');
  const key = rangeKey(range);
  if (key === undefined || isTemporary(range)) return;
  if (lenient && catalog.find('relation', key)) return;
  const view = kind === 'materialized view';
  const facets = new Map(view ? [['definition', canonicalQuery(withObjects(catalog, query))]] : []);
  if (lenient) facets.set('may have been there', 'yes');
  catalog.create({ space: 'relation', kind, key, facets, needs: view ? neededBy(catalog, query) : [] });
}

/** CREATE [OR REPLACE] VIEW. A replacement may only add columns behind those that are there. */
export function createView(catalog: Catalog, node: TreeNode): void {
  const range = nodeOf(node, 'view');
  const key = rangeKey(range);
  if (key === undefined || isTemporary(range)) return;
  const query = nodeOf(node, 'query');
  const columns = viewColumns(node, query);
  const options = listOf(node, 'options').map((item) => canonical(item));
  const rest = canonical([listOf(node, 'aliases'), options, node['withCheckOption']]);
  const definition = `[${canonicalQuery(withObjects(catalog, query))},${rest}]`;
  const needs = neededBy(catalog, query);
  const present = catalog.find('relation', key);
  if (!present || !flagOf(node, 'replace')) {
    const facets = new Map([['definition', definition]]);
    if (flagOf(node, 'replace')) facets.set('may have been there', 'yes');
    if (columns) facets.set('columns', columns.join(','));
    catalog.create({ space: 'relation', kind: 'view', key, facets, needs });
    return;
  }
  const before = catalog.value(present, 'columns')?.split(',');
  if (before && columns && before[0] !== '' && !before.every((column, index) => columns[index] === column))
    catalog.refuse(
      'replace',
      `CREATE OR REPLACE cannot take columns away from the view ${key} or rename them: it has (${before.join(', ')}), and (${columns.join(', ')}) would replace them`,
    );
  catalog.set(present, 'definition', definition);
  // What ALTER VIEW has set is gone with the old one.
  for (const [name, { value }] of present.facets)
    if (name.startsWith('option ') && value !== '') catalog.set(present, name, '');
  catalog.set(present, 'columns', columns?.join(',') ?? '?');
  catalog.setNeeds(present, needs);
}

/** The names of a view's columns, when each of them can be told. */
function viewColumns(node: TreeNode, query: TreeNode | undefined): string[] | undefined {
  const aliases = namesOf(listOf(node, 'aliases'));
  let select = nodeOf(query, 'SelectStmt');
  while (nodeOf(select, 'larg')) select = nodeOf(select, 'larg');
  const names = listOf(select, 'targetList').map((item, index) => {
    const target = nodeOf(item, 'ResTarget');
    const field = listOf(nodeOf(nodeOf(target, 'val'), 'ColumnRef'), 'fields').at(-1);
    return aliases[index] ?? textOf(target, 'name') ?? textOf(nodeOf(field, 'String'), 'sval');
  });
  return names.length > 0 && names.every((name) => name !== undefined) ? names : undefined;
}

/** CREATE INDEX, under PostgreSQL's name when it has none. */
export function createIndex(catalog: Catalog, node: TreeNode): void {
  const on = rangeKey(nodeOf(node, 'relation'));
  if (on === undefined) return;
  const table = catalog.get('relation', on, 'table');
  const elements = listOf(node, 'indexParams').map((item) => nodeOf(item, 'IndexElem'));
  const included = listOf(node, 'indexIncludingParams').map((item) => nodeOf(item, 'IndexElem'));
  const named = [...elements, ...included].flatMap((element) => textOf(element, 'name') ?? []);
  const expressions = [elements.map((element) => nodeOf(element, 'expr')), nodeOf(node, 'whereClause')];
  const needs = neededBy(catalog, expressions, table);
  const own = needs.filter((object) => object.parent === table).map((object) => object.key);
  const name = textOf(node, 'idxname') ?? freeIndexName(catalog, table, elements);
  const key = withSchemaOf(table, name);
  if (flagOf(node, 'if_not_exists') && catalog.find('relation', key)) return;
  const {
    accessMethod,
    indexParams,
    indexIncludingParams,
    whereClause,
    unique,
    nulls_not_distinct,
    options,
    tableSpace,
  } = node;
  const definition = canonical({
    accessMethod,
    indexParams,
    indexIncludingParams,
    whereClause,
    unique,
    nulls_not_distinct,
    options,
    tableSpace,
  });
  catalog.create({
    space: 'relation',
    kind: 'index',
    key,
    parent: table,
    facets: new Map([
      ['definition', definition],
      ['table', on],
    ]),
    columns: [...named, ...own],
    needs: needs.filter((object) => object.parent !== table),
  });
}

/** `t_a_b_idx`; an expression counts as `expr`, or by the function it calls. */
function freeIndexName(catalog: Catalog, table: CatalogObject, elements: readonly (TreeNode | undefined)[]): string {
  const bare = table.key.slice(table.key.lastIndexOf('.') + 1);
  const parts = elements.map((element) => {
    const called = namesOf(listOf(nodeOf(nodeOf(element, 'expr'), 'FuncCall'), 'funcname')).at(-1);
    return textOf(element, 'name') ?? called ?? 'expr';
  });
  const wanted = shortened(bare, parts.join('_'), 'idx');
  let name = wanted;
  for (let number = 1; catalog.find('relation', withSchemaOf(table, name)); number++) name = `${wanted}${number}`;
  return name;
}

/** CREATE STATISTICS, under PostgreSQL's name when it has none. */
export function createStatistics(catalog: Catalog, node: TreeNode): void {
  const on = rangeKey(nodeOf(listOf(node, 'relations')[0], 'RangeVar'));
  const table = on === undefined ? undefined : catalog.get('relation', on, 'table');
  const columns = listOf(node, 'exprs').flatMap((item) => textOf(nodeOf(item, 'StatsElem'), 'name') ?? []);
  const names = namesOf(listOf(node, 'defnames'));
  const key = names.length > 0 ? keyOf(names) : `${table?.key ?? ''}_${columns.join('_')}_stat`;
  if (flagOf(node, 'if_not_exists') && catalog.find('statistics', key)) return;
  const definition = canonical([node['exprs'], node['stat_types']]);
  catalog.create({
    space: 'statistics',
    kind: 'statistics',
    key,
    facets: new Map([
      ['definition', definition],
      ['table', on ?? ''],
    ]),
    columns,
    parent: table,
  });
}

function isTemporary(range: TreeNode | undefined): boolean {
  return textOf(range, 'relpersistence') === 't';
}
