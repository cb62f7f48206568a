import { quoteIdentifier } from '../sql/identifier';
import type { TreeNode } from '../sql/grammar';
import { listOf, namesOf, nodeOf } from './tree';

/** PostgreSQL's own names of types as SQL writes them. */
const sqlNames: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  serial2: 'smallint',
  smallserial: 'smallint',
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  serial8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  bpchar: 'char',
  decimal: 'numeric',
};

/** The mask of an interval that is not narrowed to some fields. */
const allFields = 0x7fff;

const plain = /^[a-z_][a-z0-9_]*$/;

/** A type as SQL: `numeric(10,2)[]`. */
export function typeNameOf(node: TreeNode | undefined): string | undefined {
  const names = namesOf(listOf(node, 'names')).filter((name) => name !== 'pg_catalog');
  const last = names.at(-1);
  if (last === undefined) return undefined;
  const single = names.length === 1;
  // The type of one byte is written in quotes; without them `char` is another.
  const oneByte = single && last === 'char' && listOf(node, 'names').length === 1;
  const known = oneByte ? '"char"' : single ? sqlNames[last] : undefined;
  const name = known ?? names.map((part) => (plain.test(part) ? part : quoteIdentifier(part))).join('.');
  const all = listOf(node, 'typmods').map((item) => integerOf(nodeOf(item, 'A_Const')));
  // An interval of all fields has their mask before its precision.
  const modifiers = last === 'interval' && all[0] === allFields ? all.slice(1) : all;
  const written = modifiers.length === 0 || modifiers.includes(undefined) ? '' : `(${modifiers.join(',')})`;
  return `${name}${written}${'[]'.repeat(listOf(node, 'arrayBounds').length)}`;
}

/** A number of the tree, whose zero is left out. */
function integerOf(constant: TreeNode | undefined): number | undefined {
  const holder = nodeOf(constant, 'ival');
  if (!holder) return undefined;
  const value = holder['ival'];
  return typeof value === 'number' ? value : 0;
}
