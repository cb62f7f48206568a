import type { Schema } from '../../sql/replay/schema';

/**
 * What PostgreSQL does to change a column's type: `none` changes the catalogue only, `indexes` builds the column's indexes
 * anew, `table` writes the table and all its indexes again. `time-zone`: `indexes` while the session's zone is UTC, else
 * `table`. Measured on PostgreSQL 15 (test/fixtures/lint/type-change-rewrite-pg15.txt).
 */
export type TypeRewrite = 'none' | 'indexes' | 'table' | 'time-zone' | 'unknown';

interface ParsedType {
  readonly name: string;
  readonly modifiers: readonly number[];
  readonly array: boolean;
}

/** Pairs that share their bytes, and the order of their values. */
const sameBytes = new Set([
  'varchar>text',
  'text>varchar',
  'cidr>inet',
  'xml>text',
  'xml>varchar',
  'bit>bit',
  'char>char',
  'oid>regclass',
  'regclass>oid',
  'oid>regtype',
  'regtype>oid',
]);
/** Pairs that share their bytes but not the order: indexes are built anew. */
const sameBytesOtherOrder = new Set([
  'text>citext',
  'citext>text',
  'varchar>citext',
  'citext>varchar',
  'integer>oid',
  'oid>integer',
  'integer>regclass',
  'regclass>integer',
  'integer>regtype',
  'regtype>integer',
  'bit>varbit',
  'text>char',
  'varchar>char',
]);
/** Types whose modifier can grow without touching a value: only a smaller one cuts. */
const growing = new Set(['varchar', 'varbit', 'timestamp', 'timestamptz', 'time', 'timetz']);

const ofTime = new Set(['timestamp', 'timestamptz', 'time', 'timetz']);

/**
 * @param collation whether the change names another collation
 * @param schema to look through domains
 */
export function typeRewrite(from: string, to: string, schema: Schema, collation = false): TypeRewrite {
  if (from === to) return collation ? 'indexes' : 'none';
  const before = throughDomain(from, schema);
  const target = schema.type(to);
  // Every value must be checked against the domain's constraints, and that is done by writing it again.
  if (target?.type === 'domain' && target.constrained === true) return before.type === to ? 'none' : 'table';
  const after = throughDomain(to, schema);
  const old = parse(before.type);
  // What limits a domain's base is not known of its column.
  const rewrite = ofPlain(before.type === from ? old : { ...old, modifiers: [] }, parse(after.type));
  return rewrite === 'none' && collation ? 'indexes' : rewrite;
}

function throughDomain(type: string, schema: Schema): { readonly type: string } {
  const domain = schema.type(type);
  return domain?.type === 'domain' && domain.base !== undefined ? { type: domain.base } : { type };
}

function ofPlain(before: ParsedType, after: ParsedType): TypeRewrite {
  const pair = `${before.name}>${after.name}`;
  const [old] = before.modifiers;
  const [next] = after.modifiers;
  const same = before.name === after.name && before.modifiers.join() === after.modifiers.join();
  if (before.array || after.array) {
    const isWider = before.name === after.name && after.modifiers.length === 0;
    return before.array === after.array && (same || isWider) ? 'none' : 'table';
  }
  if (same) return 'none';
  if (pair === 'timestamp>timestamptz' || pair === 'timestamptz>timestamp')
    return next === 6 || grows(old, next) ? 'time-zone' : 'table';
  if (/^interval\b/.test(before.name) && /^interval\b/.test(after.name)) return ofInterval(before, after);
  if (sameBytesOtherOrder.has(pair)) return after.modifiers.length === 0 ? 'indexes' : 'table';
  if (sameBytes.has(pair)) return next === undefined ? 'none' : 'table';
  if (before.name !== after.name) return 'table';
  if (before.name === 'numeric') return numericGrows(before, after) ? 'none' : 'table';
  // No time has more than six digits behind the second.
  const limit = ofTime.has(before.name) && next === 6 ? undefined : next;
  return growing.has(before.name) && grows(old, limit) ? 'none' : 'table';
}

const fields = ['year', 'month', 'day', 'hour', 'minute', 'second'];

/** Values are cut where the finest field is a coarser one, or fewer digits of the second are left. */
function ofInterval(before: ParsedType, after: ParsedType): TypeRewrite {
  const finest = ({ name }: ParsedType): number => {
    const last = name.split(' ').at(-1) ?? '';
    return last === 'interval' ? fields.length - 1 : fields.indexOf(last);
  };
  if (finest(after) < finest(before)) return 'table';
  const [next] = after.modifiers;
  const isSeconds = finest(before) === fields.length - 1;
  return !isSeconds || next === 6 || grows(before.modifiers[0], next) ? 'none' : 'table';
}

/** No modifier is no limit. */
function grows(old: number | undefined, next: number | undefined): boolean {
  return next === undefined || (old !== undefined && next >= old);
}

function numericGrows(before: ParsedType, after: ParsedType): boolean {
  if (after.modifiers.length === 0) return true;
  const [precision = 0, scale = 0] = after.modifiers;
  const [oldPrecision, oldScale = 0] = before.modifiers;
  return oldPrecision !== undefined && scale === oldScale && precision >= oldPrecision;
}

function parse(type: string): ParsedType {
  const [, name = type, modifiers, brackets] = /^([^([]+)(?:\(([\d,]+)\))?((?:\[\])*)$/.exec(type) ?? [];
  return {
    name,
    modifiers: modifiers === undefined ? [] : modifiers.split(',').map(Number),
    array: (brackets ?? '') !== '',
  };
}
