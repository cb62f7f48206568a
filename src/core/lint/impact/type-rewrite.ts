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
const sameBytes = new Set(['varchar>text', 'text>varchar', 'cidr>inet', 'xml>text', 'xml>varchar', 'bit>bit']);
/** Pairs that share their bytes but not the order: indexes are built anew. */
const sameBytesOtherOrder = new Set([
  'text>citext',
  'citext>text',
  'varchar>citext',
  'citext>varchar',
  'integer>oid',
  'oid>integer',
  'oid>regclass',
  'regclass>oid',
  'integer>regclass',
  'regclass>integer',
]);
/** Types whose modifier can grow without touching a value: only a smaller one cuts. */
const growing = new Set(['varchar', 'varbit', 'timestamp', 'timestamptz', 'time', 'timetz', 'interval']);

/** PostgreSQL's bit for seconds in the mask of an interval's fields. */
const seconds = 1 << 12;
const ofTime = new Set(['timestamp', 'timestamptz', 'time', 'timetz', 'interval']);

/**
 * @param collation whether the change names another collation
 * @param schema to look through domains
 */
export function typeRewrite(from: string, to: string, schema: Schema, collation = false): TypeRewrite {
  const before = throughDomain(from, schema);
  const target = schema.type(to);
  // Every value must be checked against the domain's constraints, and that is done by writing it again.
  if (target?.type === 'domain' && target.constrained === true) return before.type === to ? 'none' : 'table';
  const after = throughDomain(to, schema);
  const rewrite = ofPlain(parse(before.type), parse(after.type));
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
  if (before.array || after.array) return same && before.array === after.array ? 'none' : 'table';
  if (same) return 'none';
  if (pair === 'timestamp>timestamptz' || pair === 'timestamptz>timestamp')
    return grows(old, next) ? 'time-zone' : 'table';
  if (sameBytesOtherOrder.has(pair)) return after.modifiers.length === 0 ? 'indexes' : 'table';
  if (sameBytes.has(pair)) return next === undefined ? 'none' : 'table';
  if (before.name !== after.name) return 'table';
  if (before.name === 'numeric') return numericGrows(before, after) ? 'none' : 'table';
  // No time has more than six digits behind the second.
  const limit = ofTime.has(before.name) && next === 6 ? undefined : next;
  return growing.has(before.name) && grows(old, limit) ? 'none' : 'table';
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
  const all = modifiers === undefined ? [] : modifiers.split(',').map(Number);
  // The fields of an interval: with seconds among them nothing is cut.
  const fields = name === 'interval' && (all[0] ?? 0) > 6 && ((all[0] ?? 0) & seconds) !== 0;
  return {
    name,
    modifiers: fields ? all.slice(1) : all,
    array: (brackets ?? '') !== '',
  };
}
