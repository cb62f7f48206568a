import type { TreeNode } from '../../sql/grammar';
import { listOf, namesOf, nodeOf, textOf } from '../tree';
import type { Catalog } from './catalog';
import type { CatalogObject } from './catalog-object';
import { rangeKey } from './object-names';

/** What stands for the name of an object in a definition: PostgreSQL keeps a view's tables and columns, not their names. */
const token = /^\u0001(\d+)$/;

/**
 * A query with the objects of the catalog in place of their names, so that it stays what it is when one of them gets another
 * name. The names that its own columns have by that are written out. A name that may mean several things is left.
 */
export function withObjects(catalog: Catalog, query: unknown): unknown {
  const tables = new Map<string, CatalogObject | undefined>();
  const common = new Set<string>();
  walk(query, (key, node) => {
    if (key === 'CommonTableExpr') common.add(textOf(node, 'ctename') ?? '');
  });
  walk(query, (key, node) => {
    if (key !== 'RangeVar') return;
    const table = tableOf(catalog, node, common);
    const alias = textOf(nodeOf(node, 'alias'), 'aliasname') ?? textOf(node, 'relname') ?? '';
    tables.set(alias, tables.has(alias) && tables.get(alias) !== table ? undefined : table);
  });
  const columnOf = (fields: readonly string[]): CatalogObject | undefined => {
    const name = fields.at(-1) ?? '';
    const on = fields.length > 1 ? [tables.get(fields.at(-2) ?? '')] : [...new Set(tables.values())];
    const found = on.flatMap((table) => (table && catalog.find('column', name, table)) ?? []);
    return found.length === 1 ? found[0] : undefined;
  };
  const replace = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => replace(item, ''));
    if (typeof value !== 'object' || value === null) return value;
    const node = value as TreeNode;
    if (key === 'RangeVar') {
      const table = tableOf(catalog, node, common);
      return table ? { ...node, schemaname: undefined, relname: tokenOf(table) } : node;
    }
    if (key === 'ColumnRef') {
      const fields = listOf(node, 'fields');
      const column = columnOf(namesOf(fields));
      return column ? { ...node, fields: [...fields.slice(0, -1), { String: { sval: tokenOf(column) } }] } : node;
    }
    const replaced = Object.fromEntries(Object.entries(node).map(([field, inner]) => [field, replace(inner, field)]));
    const own = key === 'ResTarget' && node['name'] === undefined ? columnName(node) : undefined;
    return own === undefined ? replaced : { ...replaced, name: own };
  };
  return replace(query, '');
}

/** Whether two definitions mean the same, by the names that their objects have now. */
export function isSameDefinition(catalog: Catalog, a: string, b: string): boolean {
  // One of the two may be of another kind: a table has no definition, and a constraint's is no query.
  const comparable = [a, b].every((text) => /^[[{]/.test(text)) && /\\u0001/.test(a + b);
  return a === b || (comparable && named(catalog, a) === named(catalog, b));
}

function named(catalog: Catalog, definition: string): string {
  const nameOf = (text: string): string => {
    const id = token.exec(text)?.[1];
    return id === undefined ? text : (catalog.objectOf(Number(id))?.key ?? text);
  };
  const write = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(write);
    if (typeof value === 'string') return nameOf(value);
    if (typeof value !== 'object' || value === null) return value;
    const node = value as TreeNode;
    const written = Object.fromEntries(Object.entries(node).map(([field, inner]) => [field, write(inner)]));
    const relation = textOf(node, 'relname');
    if (relation !== undefined && token.test(relation)) {
      const parts = nameOf(relation).split('.');
      return { ...written, ...(parts.length > 1 && { schemaname: parts[0] }), relname: parts.at(-1) };
    }
    const own = node['ResTarget'] === undefined ? undefined : nodeOf(written, 'ResTarget');
    // `a AS a` is `a`.
    return own && textOf(own, 'name') === columnName(own) ? { ResTarget: { ...own, name: undefined } } : written;
  };
  return JSON.stringify(sorted(write(JSON.parse(definition))));
}

/** Fields in one order: those of a name are put in behind. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([field, inner]) => [field, sorted(inner)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The name that a column of a query has without AS. */
function columnName(target: TreeNode): string | undefined {
  const field = listOf(nodeOf(nodeOf(target, 'val'), 'ColumnRef'), 'fields').at(-1);
  return textOf(nodeOf(field, 'String'), 'sval');
}

function tableOf(catalog: Catalog, range: TreeNode, common: ReadonlySet<string>): CatalogObject | undefined {
  if (textOf(range, 'schemaname') === undefined && common.has(textOf(range, 'relname') ?? '')) return undefined;
  const key = rangeKey(range);
  return key === undefined ? undefined : catalog.find('relation', key);
}

function tokenOf(object: CatalogObject): string {
  return `\u0001${object.id}`;
}

function walk(value: unknown, visit: (key: string, node: TreeNode) => void, key = ''): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit);
  else if (typeof value === 'object' && value !== null) {
    visit(key, value as TreeNode);
    for (const [field, inner] of Object.entries(value)) walk(inner, visit, field);
  }
}
