import type { TreeNode } from '../../sql/grammar';

/** Fields of a tree that tell where something stands, not what it is. */
const places = new Set([
  'location',
  'stmt_location',
  'stmt_len',
  'list_start',
  'list_end',
  'rexpr_list_start',
  'rexpr_list_end',
  'name_location',
]);
/** Fields that hold how a statement was written, and change nothing of what it makes. */
const manners = new Set(['replace', 'if_not_exists', 'missing_ok', 'isTable', 'relpersistence', 'inh']);

/**
 * A tree as a text that is the same for the same meaning: without places, without the schema that is searched by default,
 * and without a cast of a plain constant, which PostgreSQL adds by itself.
 */
export function canonical(value: unknown): string {
  return JSON.stringify(reduced(value));
}

/**
 * A query in the same way, and the same for other ways of writing it that change nothing: the table before a column where
 * there is one table, its alias, the name of a column that it has anyway, a number in GROUP BY.
 */
export function canonicalQuery(query: unknown): string {
  const single = JSON.stringify(query).split('"RangeVar":').length === 2;
  return canonical(single ? plainQuery(query, undefined) : query);
}

function plainQuery(value: unknown, outer: readonly unknown[] | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => plainQuery(item, outer));
  if (typeof value !== 'object' || value === null) return value;
  const node = value as TreeNode;
  const targets = (node['targetList'] as readonly unknown[] | undefined) ?? outer;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(node)) {
    const child = inner as TreeNode;
    if (key === 'RangeVar') result[key] = { ...child, alias: undefined };
    else if (key === 'ColumnRef') result[key] = { fields: (child['fields'] as readonly unknown[]).slice(-1) };
    else if (key === 'ResTarget') result[key] = plainQuery(withoutOwnName(child), targets);
    else if (key === 'groupClause')
      result[key] = (inner as readonly unknown[]).map((item) => plainQuery(numbered(item, targets) ?? item, targets));
    else result[key] = plainQuery(inner, targets);
  }
  return result;
}

/** `a AS a` is `a`. */
function withoutOwnName(target: TreeNode): TreeNode {
  const fields = (target['val'] as { ColumnRef?: { fields?: readonly { String?: { sval?: string } }[] } } | undefined)
    ?.ColumnRef?.fields;
  return fields?.at(-1)?.String?.sval === target['name'] ? { ...target, name: undefined } : target;
}

/** `GROUP BY 1` is the expression of the first column. */
function numbered(item: unknown, targets: readonly unknown[] | undefined): unknown {
  const number = (item as { A_Const?: { ival?: { ival?: number } } }).A_Const?.ival?.ival;
  const target = number === undefined ? undefined : targets?.[number - 1];
  return (target as { ResTarget?: { val?: unknown } } | undefined)?.ResTarget?.val;
}

function reduced(value: unknown): unknown {
  if (Array.isArray(value)) return withoutSchema(value as readonly unknown[]).map(reduced);
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? value.replace(/\r\n?/g, '\n').trim() : value;
  const node = value as TreeNode;
  const constant = castConstant(node['TypeCast']);
  if (constant !== undefined) return reduced(constant);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(node).sort()) {
    if (places.has(key) || manners.has(key)) continue;
    if (key === 'schemaname' && isDefaultSchema(node[key])) continue;
    result[key] = reduced(node[key]);
  }
  return result;
}

/** `'b'::varchar` is `'b'`. */
function castConstant(cast: unknown): unknown {
  const operand = (cast as { arg?: { A_Const?: unknown } } | undefined)?.arg;
  return operand?.A_Const === undefined ? undefined : operand;
}

/** `public.f` and `pg_catalog.int4` are `f` and `int4`. */
function withoutSchema(list: readonly unknown[]): readonly unknown[] {
  if (list.length < 2) return list;
  const first = (list[0] as { String?: { sval?: string } } | undefined)?.String?.sval;
  return first === 'public' || first === 'pg_catalog' ? list.slice(1) : list;
}

function isDefaultSchema(name: unknown): boolean {
  return name === 'public';
}
