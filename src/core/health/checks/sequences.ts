import { formatPercent } from '../../format/numbers';
import { formatCount } from '../../format/quantities';
import { flagOrNull, number, numberOrNull, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { onlyPrimary, tiers, type CheckDefinition } from '../check';
import { measured, nothingFound, stated } from '../finding';
import { standardOf } from '../standard-limits';

export interface Sequence {
  readonly sequence: string;
  /** The column that owns it, and its type. */
  readonly column: string | null;
  readonly type: string | null;
  /** Part of the way to its end; null where the role may not read it. */
  readonly used: number | null;
  readonly cycles: boolean;
  readonly hidden: number;
  /** Readable ones that were left out. */
  readonly unread: number;
}

/**
 * Each sequence that is read stays locked to the end of the statement, and the lock table of a server has room for some
 * thousands: those with the smallest range are read.
 */
const mostRead = 500;

/** The end that comes first: of the sequence itself or of its column's type. */
const end = `least(s.seqmax::numeric, CASE t.typname WHEN 'int2' THEN 32767 WHEN 'int4' THEN 2147483647
      ELSE 9223372036854775807 END)`;
const start = `greatest(s.seqmin::numeric, CASE t.typname WHEN 'int2' THEN -32768 WHEN 'int4' THEN -2147483648
      ELSE -9223372036854775808 END)`;

/** Ascending and descending ones, the nearest to its end first, and how many were not read. Always a row. 12 to 18. */
export const sequencesStatement: Statement<Sequence> = {
  name: 'sequences near their end',
  text: `
WITH x AS MATERIALIZED (SELECT n.nspname || '.' || c.relname AS name, o.relname || '.' || a.attname AS column_name, t.typname::text AS type,
    s.seqcycle AS cycles, pg_catalog.has_sequence_privilege(c.oid, 'SELECT, USAGE') AS readable, s.seqincrement > 0 AS ascends,
    s.seqstart::numeric AS first, ${end} AS top, ${start} AS bottom, c.oid
  FROM pg_catalog.pg_sequence AS s JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid AND c.relpersistence <> 't'
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
  LEFT JOIN pg_catalog.pg_class AS o ON o.oid = d.refobjid
  LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid),
v AS (SELECT r.*, pg_catalog.pg_sequence_last_value(r.oid::regclass)::numeric AS last
  FROM (SELECT * FROM x WHERE x.readable ORDER BY x.top - x.bottom, x.oid LIMIT ${mostRead}) AS r)
SELECT v.name, v.column_name, v.type, v.cycles,
  (CASE WHEN v.ascends THEN (v.last - least(v.first, 1)) / nullif(v.top - least(v.first, 1), 0)
    ELSE (greatest(v.first, -1) - v.last) / nullif(greatest(v.first, -1) - v.bottom, 0) END)::float8 AS used,
  t.hidden, t.unread
FROM (SELECT count(*) FILTER (WHERE NOT x.readable)::int AS hidden,
    greatest(0, count(*) FILTER (WHERE x.readable) - ${mostRead})::int AS unread FROM x) AS t
LEFT JOIN v ON true ORDER BY used DESC NULLS LAST, v.name LIMIT 20`,
  row: (raw: RawRow) => ({
    sequence: textOrNull(raw, 'name') ?? '',
    column: textOrNull(raw, 'column_name'),
    type: textOrNull(raw, 'type'),
    used: numberOrNull(raw, 'used'),
    cycles: flagOrNull(raw, 'cycles') ?? false,
    hidden: number(raw, 'hidden'),
    unread: number(raw, 'unread'),
  }),
};

const signal = 'sequences.used';

export const sequences: CheckDefinition<Sequence> = {
  id: 'sequences',
  group: 'maintenance',
  title: 'Sequences near their end',
  explanation:
    'When a sequence, or the integer column it fills, has reached its largest value, every insert fails. Changing the type rewrites the table.',
  runbook: 'scaling',
  tierMs: tiers.quarter,
  absent: onlyPrimary,
  read: (query) => query(sequencesStatement),
  evaluate: ({ now: { rows } }, { limits }) => {
    const threshold = limits(signal, standardOf(signal));
    const hidden = rows[0]?.hidden ?? 0;
    const unread = rows[0]?.unread ?? 0;
    const notes = [
      ...(unread === 0
        ? []
        : [
            stated('sequences.unread', '', 'hint', {
              words: `${formatCount(unread, 'sequence')} of the widest range not looked at`,
              lines: ['Reading a sequence locks it for a moment; too many at once would fill the lock table.'],
            }),
          ]),
      ...(hidden === 0
        ? []
        : [
            stated('sequences.hidden', '', 'hint', {
              words: `${formatCount(hidden, 'sequence')} hidden from this role`,
              lines: ['Their values are told to a role with SELECT or USAGE on them; pg_monitor has neither.'],
              change: 'GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO the_role;',
            }),
          ]),
    ];
    const known = rows.filter((row) => row.used !== null && !row.cycles);
    const far = known.filter((row) => (row.used ?? 0) > threshold.warning);
    if (far.length === 0) {
      const most = known[0];
      const words = most
        ? `no sequence beyond ${formatPercent(100 * (most.used ?? 0))} of its range`
        : 'no sequence in use';
      return [
        ...notes,
        most ? measured(signal, '', most.used, 'ratio', threshold, { words }) : nothingFound(signal, words),
      ];
    }
    return [
      ...far.map(({ sequence, column, type, used }) =>
        measured(signal, sequence, used, 'ratio', threshold, {
          words: `sequence ${sequence} has used ${formatPercent(100 * (used ?? 0))} of its range`,
          lines:
            column === null ? ['No column owns it.'] : [`It fills ${column}${type === null ? '' : `, an ${type}`}.`],
        }),
      ),
      ...notes,
    ];
  },
};
