import pg from 'pg';

/**
 * The types that become JavaScript values. Everything else stays the text the server sent: int8 and numeric would lose
 * digits, timestamps their microseconds, and both are identities here. The readers of core/ports/row.ts convert.
 */
const parsed = {
  bool: 16,
  int2: 21,
  int4: 23,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  'bool[]': 1000,
  'int2[]': 1005,
  'int4[]': 1007,
  'text[]': 1009,
  'float4[]': 1021,
  'float8[]': 1022,
  'oid[]': 1028,
  jsonb: 3802,
} as const;

/** Arrays that `pg` does not read by themselves or reads too far: their items stay text. */
const textArrays = {
  'name[]': 1003,
  'varchar[]': 1015,
  'int8[]': 1016,
  'timestamptz[]': 1185,
  'numeric[]': 1231,
} as const;

const parsedOids = new Set<number>(Object.values(parsed));
const textArrayOids = new Set<number>(Object.values(textArrays));
type Parser = (value: string) => unknown;
const asSent: Parser = (value) => value;
/** The types of `pg` know only the numbers of its own list. */
const parserOf = pg.types.getTypeParser as (oid: number) => Parser;

/** Type parsers of our clients only: `pg.types` is shared by the whole extension host and stays untouched. */
export const rowTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid: number) => {
    if (textArrayOids.has(oid)) return parserOf(parsed['text[]']);
    return parsedOids.has(oid) ? parserOf(oid) : asSent;
  },
};
