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
/** Its fields, each by PostgreSQL's bit. */
const fields: readonly (readonly [string, number])[] = [
  ['year', 1 << 2],
  ['month', 1 << 1],
  ['day', 1 << 3],
  ['hour', 1 << 10],
  ['minute', 1 << 11],
  ['second', 1 << 12],
];

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
  // An interval has the mask of its fields before its precision.
  const modifiers = last === 'interval' ? all.slice(1) : all;
  const written = modifiers.length === 0 || modifiers.includes(undefined) ? '' : `(${modifiers.join(',')})`;
  return `${name}${last === 'interval' ? fieldsOf(all[0]) : ''}${written}${'[]'.repeat(listOf(node, 'arrayBounds').length)}`;
}

/** ` day to second`; nothing where all fields are meant. */
function fieldsOf(mask: number | undefined): string {
  if (mask === undefined || mask === allFields) return '';
  const held = fields.filter(([, bit]) => (mask & bit) !== 0).map(([field]) => field);
  const [first = ''] = held;
  return ` ${first}${held.length > 1 ? ` to ${held.at(-1) ?? ''}` : ''}`;
}

/** A number of the tree, whose zero is left out. */
function integerOf(constant: TreeNode | undefined): number | undefined {
  const holder = nodeOf(constant, 'ival');
  if (!holder) return undefined;
  const value = holder['ival'];
  return typeof value === 'number' ? value : 0;
}
