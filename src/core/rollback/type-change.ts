/** What a change of type does to the values that are there. */
export type TypeChange = 'same' | 'keeps' | 'loses' | 'unknown';

interface ParsedType {
  readonly name: string;
  readonly modifiers: readonly number[];
}

/** Types in the order in which each holds all values of those before it. */
const integers = ['smallint', 'integer', 'bigint'];
/** Decimal digits of the largest value. */
const integerDigits: Readonly<Record<string, number>> = { smallint: 5, integer: 10, bigint: 19 };
const characters = ['char', 'varchar', 'text'];
/** Pairs where values or parts of them do not come back. */
const losing = new Set([
  'double precision>real',
  'bigint>double precision',
  'bigint>real',
  'integer>real',
  'numeric>real',
  'numeric>double precision',
  'double precision>numeric',
  'real>numeric',
  'timestamp>date',
  'timestamptz>date',
  'timestamp>time',
  'timestamptz>time',
  'timestamptz>timetz',
  'timetz>time',
  'jsonb>hstore',
  'json>jsonb',
  'integer>boolean',
  'bigint>boolean',
  'smallint>boolean',
  'interval>time',
]);
const keeping = new Set([
  'real>double precision',
  'smallint>real',
  'smallint>double precision',
  'integer>double precision',
  'date>timestamp',
  'date>timestamptz',
  'jsonb>json',
  'boolean>integer',
]);

/**
 * Whether the values of a column survive a change of its type and the way back. A change that PostgreSQL refuses when a value
 * does not fit loses nothing by itself, but the values must have been cut before: it counts as losing. Types that are not
 * told apart here are unknown.
 */
export function typeChange(from: string, to: string): TypeChange {
  if (from === to) return 'same';
  const before = parse(from);
  const after = parse(to);
  const pair = `${before.name}>${after.name}`;
  if (losing.has(pair)) return 'loses';
  if (keeping.has(pair)) return 'keeps';
  if (isCharacters(after) && isCharacters(before)) return ofCharacters(before, after);
  // Every type can be written as text and read from it again.
  if (after.name === 'text' || (after.name === 'varchar' && after.modifiers.length === 0)) return 'keeps';
  const ranks = [integers.indexOf(before.name), integers.indexOf(after.name)] as const;
  if (ranks[0] >= 0 && ranks[1] >= 0) return ranks[0] <= ranks[1] ? 'keeps' : 'loses';
  if (before.name === 'numeric' && ranks[1] >= 0) return 'loses';
  if (after.name === 'numeric' && (before.name === 'numeric' || ranks[0] >= 0)) return ofNumerics(before, after);
  if (before.name === after.name && before.modifiers.length + after.modifiers.length > 0) {
    // timestamp(p), time(p), interval(p), bit(n): fewer digits cut, none means all of them.
    const [old = Infinity] = before.modifiers;
    const [next = Infinity] = after.modifiers;
    return next >= old ? 'keeps' : 'loses';
  }
  return 'unknown';
}

function ofCharacters(before: ParsedType, after: ParsedType): TypeChange {
  const limit = ({ name, modifiers }: ParsedType): number =>
    name === 'text' ? Infinity : (modifiers[0] ?? (name === 'char' ? 1 : Infinity));
  if (after.name === 'char' && before.name !== 'char') return 'loses';
  return limit(after) >= limit(before) ? 'keeps' : 'loses';
}

function ofNumerics(before: ParsedType, after: ParsedType): TypeChange {
  if (after.modifiers.length === 0) return 'keeps';
  const [precision = 0, scale = 0] = after.modifiers;
  const digits = integerDigits[before.name];
  if (digits !== undefined) return precision - scale >= digits ? 'keeps' : 'loses';
  if (before.modifiers.length === 0) return 'loses';
  const [oldPrecision = 0, oldScale = 0] = before.modifiers;
  return scale >= oldScale && precision - scale >= oldPrecision - oldScale ? 'keeps' : 'loses';
}

/** Whether the way back needs an explicit cast: from text to anything that is not text. */
export function needsCastBack(from: string, to: string): boolean {
  return isCharacters(parse(to)) && !isCharacters(parse(from));
}

function isCharacters({ name }: ParsedType): boolean {
  return characters.includes(name);
}

function parse(type: string): ParsedType {
  const [, name = type, modifiers] = /^([^([]+)(?:\(([\d,]+)\))?$/.exec(type) ?? [];
  return { name, modifiers: modifiers === undefined ? [] : modifiers.split(',').map(Number) };
}
