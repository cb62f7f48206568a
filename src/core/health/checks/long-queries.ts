import { formatCount, formatDuration } from '../../format/quantities';
import { number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { maskSecrets } from '../../sql/mask-secrets';
import { tiers, type CheckDefinition } from '../check';
import { gradeBeyond, measured, nothingFound } from '../finding';
import { standardOf } from '../standard-limits';

/** A statement that has run for long; with `backendStart` its session is known for any kill. */
export interface LongQuery {
  readonly pid: number;
  readonly backendStart: string;
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string;
  readonly waits: string | null;
  readonly ageS: number;
  readonly transactionS: number | null;
  readonly query: string;
}

const mostListed = 20;

/** Dumps and backups take their time; walsenders and parallel workers are no queries of their own. */
const leftOut = '^(pg_dump|pg_dumpall|pg_restore|pg_basebackup|pgbackrest|barman|wal-g|db-ops-panel)';

/** Older than `seconds`, the oldest first. 12 to 18. */
export function longQueriesStatement(seconds: number): Statement<LongQuery> {
  return {
    name: 'long queries',
    text: `
SELECT a.pid, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' AS backend_start,
  pg_catalog.pg_get_userbyid(a.usesysid)::text AS usename, d.datname::text AS datname, coalesce(a.application_name, '') AS application_name,
  CASE WHEN a.wait_event_type IS NOT NULL THEN a.wait_event_type || ': ' || a.wait_event END AS waits,
  extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS age_s,
  extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS xact_s, left(a.query, 500) AS query
FROM pg_catalog.pg_stat_get_activity(NULL) AS a LEFT JOIN pg_catalog.pg_database AS d ON d.oid = a.datid
WHERE a.backend_type = 'client backend' AND a.state = 'active' AND a.pid <> pg_catalog.pg_backend_pid()
  AND a.query_start < clock_timestamp() - make_interval(secs => $1::float8)
  AND coalesce(a.application_name, '') !~* '${leftOut}'
ORDER BY a.query_start LIMIT ${mostListed}`,
    values: [seconds],
    row: (raw: RawRow) => ({
      pid: number(raw, 'pid'),
      backendStart: text(raw, 'backend_start'),
      user: textOrNull(raw, 'usename'),
      database: textOrNull(raw, 'datname'),
      application: text(raw, 'application_name'),
      waits: textOrNull(raw, 'waits'),
      ageS: number(raw, 'age_s'),
      transactionS: numberOrNull(raw, 'xact_s'),
      query: maskSecrets(text(raw, 'query')),
    }),
  };
}

const signal = 'long-queries.oldest';
/** The sessions tell of queries older than this, in s, whatever limit was set. */
const worthAskingS = 5;

export const longQueries: CheckDefinition<LongQuery> = {
  id: 'long-queries',
  group: 'queries',
  title: 'Long-running queries',
  explanation:
    'A statement that runs for long keeps its session from the pool, and its snapshot holds vacuum back. Dumps and backups are left out.',
  runbook: 'pool-exhaustion',
  tierMs: tiers.activity,
  needsFullView: true,
  isNeeded: ({ oldestQueryS }) => (oldestQueryS ?? 0) > worthAskingS,
  read: (query, { limits }) => query(longQueriesStatement(limits(signal, standardOf(signal)).warning)),
  evaluate: ({ now: { rows } }, { limits }) => {
    const threshold = limits(signal, standardOf(signal));
    const limit = formatDuration(threshold.warning);
    const oldest = rows[0];
    if (!oldest) return [{ ...nothingFound(signal, `none over ${limit}`), unit: 's' }];
    const count = rows.length === mostListed ? `${mostListed} or more` : String(rows.length);
    const sum = measured(signal, '', oldest.ageS, 's', threshold, {
      words: `${count} over ${limit}, the longest ${formatDuration(oldest.ageS)}`,
      lines: [`${formatCount(rows.length, 'statement')} listed below, the oldest first.`],
    });
    return [sum, ...rows.map((row) => ({ ...detail(row), severity: gradeBeyond(row.ageS, threshold), threshold }))];
  },
};

function detail(row: LongQuery): ReturnType<typeof measured> {
  const who = row.application === '' ? (row.user ?? 'unknown role') : row.application;
  return measured('long-queries.session', `${row.pid} ${row.backendStart}`, row.ageS, 's', null, {
    words: `${row.pid} ${who}: ${formatDuration(row.ageS)}${row.waits === null ? '' : `, waits for ${row.waits}`}`,
    lines: [
      `${row.user ?? 'Unknown role'} in ${row.database ?? 'no database'}.`,
      ...(row.transactionS === null ? [] : [`Its transaction is open for ${formatDuration(row.transactionS)}.`]),
      row.query,
    ],
    detail: true,
  });
}
