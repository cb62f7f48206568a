import { maskSecrets } from '../../sql/mask-secrets';
import { flagOrNull, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { quoteQualified } from '../../sql/identifier';
import type { StatementsFeatures } from './extension-version';

/** What the statements are ranked by. */
export const rankings = ['total', 'mean', 'max', 'calls'] as const;
export type Ranking = (typeof rankings)[number];

/** Where the extension is, and what it has. */
export interface Source {
  readonly schema: string;
  readonly features: StatementsFeatures;
}

/** One statement's counters; times in ms. A hidden one (of another role) has neither identifier nor text. */
export interface StatementStats {
  readonly userId: string;
  readonly databaseId: string;
  readonly queryId: string | null;
  /** Null before 1.9. */
  readonly topLevel: boolean | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly calls: number;
  readonly totalMs: number;
  readonly meanMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly stddevMs: number;
  readonly rows: number;
  /** Percent of the total time of all statements. */
  readonly share: number | null;
  readonly sharedHit: number;
  readonly sharedRead: number;
  /** Blocks read and written. */
  readonly tempBlocks: number;
  /** 1.11 and newer: when its counters began. */
  readonly statsSince: string | null;
  readonly minMaxSince: string | null;
}

const timeoutMs = 15_000;

/**
 * The first `limit` by one measure, without texts: those are in a file that the server would read whole. Identifiers
 * are int8 and stay texts.
 */
export function rankingStatement(source: Source, ranking: Ranking, limit: number): Statement<StatementStats> {
  const { executionTimes, topLevel, statsSince } = source.features;
  const time = (what: string): string => (executionTimes ? `s.${what}_exec_time` : `s.${what}_time`);
  const order = { total: time('total'), mean: time('mean'), max: time('max'), calls: 's.calls' }[ranking];
  return {
    name: 'ranking of pg_stat_statements',
    timeoutMs,
    text: `
SELECT ranked.*, r.rolname::text AS user_name, d.datname::text AS database_name
FROM (SELECT s.userid, s.dbid, s.queryid::text AS query_id, ${topLevel ? 's.toplevel' : 'NULL::bool'} AS top_level,
    s.calls::float8 AS calls, ${time('total')} AS total_ms, ${time('mean')} AS mean_ms, ${time('min')} AS min_ms,
    ${time('max')} AS max_ms, ${time('stddev')} AS stddev_ms, s.rows::float8 AS row_count,
    100 * ${time('total')} / nullif(sum(${time('total')}) OVER (), 0) AS share,
    s.shared_blks_hit::float8 AS shared_hit, s.shared_blks_read::float8 AS shared_read,
    (s.temp_blks_read + s.temp_blks_written)::float8 AS temp_blocks,
    ${statsSince ? `to_char(s.stats_since, 'YYYY-MM-DD HH24:MI:SS TZ')` : 'NULL::text'} AS stats_since,
    ${statsSince ? `to_char(s.minmax_stats_since, 'YYYY-MM-DD HH24:MI:SS TZ')` : 'NULL::text'} AS minmax_since
  FROM ${quoteQualified(source.schema, 'pg_stat_statements')}(false) AS s
  ORDER BY ${order} DESC, s.queryid, s.userid, s.dbid LIMIT $1) AS ranked
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = ranked.userid
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = ranked.dbid`,
    values: [limit],
    row: (raw: RawRow) => ({
      userId: String(number(raw, 'userid')),
      databaseId: String(number(raw, 'dbid')),
      queryId: textOrNull(raw, 'query_id'),
      topLevel: flagOrNull(raw, 'top_level'),
      user: textOrNull(raw, 'user_name'),
      database: textOrNull(raw, 'database_name'),
      calls: number(raw, 'calls'),
      totalMs: number(raw, 'total_ms'),
      meanMs: number(raw, 'mean_ms'),
      minMs: number(raw, 'min_ms'),
      maxMs: number(raw, 'max_ms'),
      stddevMs: number(raw, 'stddev_ms'),
      rows: number(raw, 'row_count'),
      share: numberOrNull(raw, 'share'),
      sharedHit: number(raw, 'shared_hit'),
      sharedRead: number(raw, 'shared_read'),
      tempBlocks: number(raw, 'temp_blocks'),
      statsSince: textOrNull(raw, 'stats_since'),
      minMaxSince: textOrNull(raw, 'minmax_since'),
    }),
  };
}

/** (userid, dbid, queryid, toplevel): what makes one entry, as one text. */
export function keyOf(stats: Pick<StatementStats, 'userId' | 'databaseId' | 'queryId' | 'topLevel'>): string {
  return [stats.userId, stats.databaseId, stats.queryId ?? 'hidden', stats.topLevel ?? 'any'].join('/');
}

export interface StatementText {
  readonly key: string;
  /** The first `longestShown` characters. */
  readonly text: string;
  /** The length of the whole, in characters. */
  readonly length: number;
}

/** The texts of the chosen ones, each up to `longest` characters. An evicted one is missing. */
export function textsStatement(
  source: Source,
  chosen: readonly StatementStats[],
  longest: number,
): Statement<StatementText> {
  const known = chosen.filter((stats) => stats.queryId !== null);
  const topLevel = source.features.topLevel ? 's.toplevel' : 'NULL::bool';
  return {
    name: 'texts of pg_stat_statements',
    timeoutMs,
    text: `
SELECT s.userid::text AS user_id, s.dbid::text AS database_id, s.queryid::text AS query_id, ${topLevel} AS top_level,
  left(s.query, $5) AS query, length(s.query)::float8 AS query_length
FROM ${quoteQualified(source.schema, 'pg_stat_statements')}(true) AS s
JOIN (SELECT DISTINCT * FROM unnest($1::oid[], $2::oid[], $3::int8[], $4::bool[]) AS w(userid, dbid, queryid, toplevel)) AS wanted
  ON wanted.userid = s.userid AND wanted.dbid = s.dbid AND wanted.queryid = s.queryid
  AND wanted.toplevel IS NOT DISTINCT FROM ${topLevel}
WHERE s.query IS NOT NULL`,
    values: [
      known.map((stats) => stats.userId),
      known.map((stats) => stats.databaseId),
      known.map((stats) => stats.queryId),
      known.map((stats) => stats.topLevel),
      longest,
    ],
    row: (raw: RawRow) => {
      const written = text(raw, 'query');
      const shown = maskSecrets(written);
      return {
        key: keyOf({
          userId: text(raw, 'user_id'),
          databaseId: text(raw, 'database_id'),
          queryId: text(raw, 'query_id'),
          topLevel: flagOrNull(raw, 'top_level'),
        }),
        text: shown,
        // What masking took away is not what was cut off.
        length: number(raw, 'query_length') - Array.from(written).length + shown.length,
      };
    },
  };
}

export interface StatementsInfo {
  /** Entries thrown out for want of room since the reset. */
  readonly evictions: number;
  readonly since: string | null;
  /** Seconds since the reset. */
  readonly ageS: number | null;
}

/** 1.9 and newer. */
export function infoStatement(source: Source): Statement<StatementsInfo> {
  return {
    name: 'pg_stat_statements_info',
    text: `SELECT i.dealloc::float8 AS dealloc, to_char(i.stats_reset, 'YYYY-MM-DD HH24:MI:SS TZ') AS since,
  extract(epoch FROM clock_timestamp() - i.stats_reset)::float8 AS age_s
FROM ${quoteQualified(source.schema, 'pg_stat_statements_info')} AS i`,
    row: (raw: RawRow) => ({
      evictions: number(raw, 'dealloc'),
      since: textOrNull(raw, 'since'),
      ageS: numberOrNull(raw, 'age_s'),
    }),
  };
}
