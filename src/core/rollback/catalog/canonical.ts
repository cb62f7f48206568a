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
