import { flag, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';

/** An index that may have to go: never used here, or made superfluous by another. */
export interface IndexToReview {
  readonly oid: number;
  readonly schema: string;
  readonly index: string;
  readonly table: string;
  readonly bytes: number;
  readonly scans: number;
  /** The CREATE INDEX that makes it again. */
  readonly definition: string;
  readonly valid: boolean;
  /** 16+; null before, or never. */
  readonly lastScan: string | null;
  /** How long the statistics have counted at least, in s. */
  readonly statisticsS: number;
}

/**
 * Facts of certain indexes, which are told by schema and name. `pg_get_indexdef` gives full names, since the search path
 * holds the catalog alone. 12 to 18.
 */
export function indexFactsStatement(names: readonly string[], major: number): Statement<IndexToReview> {
  return {
    name: 'facts of indexes',
    text: `
SELECT c.oid::int8 AS oid, n.nspname::text AS schema_name, c.relname::text AS index_name, t.relname::text AS table_name,
  c.relpages::float8 * current_setting('block_size')::float8 AS bytes,
  coalesce(s.idx_scan, 0)::float8 AS scans, pg_catalog.pg_get_indexdef(c.oid) AS definition, i.indisvalid AS valid,
  ${major >= 16 ? 's.last_idx_scan::text' : 'NULL::text'} AS last_scan,
  extract(epoch FROM clock_timestamp() - greatest((SELECT d.stats_reset FROM pg_catalog.pg_stat_database AS d
    WHERE d.datname = current_database()), pg_catalog.pg_postmaster_start_time()))::float8 AS statistics_s
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stat_all_indexes AS s ON s.indexrelid = c.oid
WHERE n.nspname || '.' || c.relname = ANY ($1::text[])`,
    values: [names],
    row: (raw: RawRow) => ({
      oid: number(raw, 'oid'),
      schema: text(raw, 'schema_name'),
      index: text(raw, 'index_name'),
      table: text(raw, 'table_name'),
      bytes: number(raw, 'bytes'),
      scans: number(raw, 'scans'),
      definition: text(raw, 'definition'),
      valid: flag(raw, 'valid'),
      lastScan: textOrNull(raw, 'last_scan'),
      statisticsS: numberOrNull(raw, 'statistics_s') ?? 0,
    }),
  };
}

/** A transaction whose end a CONCURRENTLY statement would wait for. */
export interface OldTransaction {
  readonly pid: number;
  readonly who: string;
  readonly openS: number;
}

/** Older than this a transaction is waited for until somebody ends it, in s. */
export const oldTransactionS = 60;

/** Of this database, this role's view; oldest first. A running lazy vacuum is not waited for. */
export const oldTransactionsStatement: Statement<OldTransaction> = {
  name: 'old transactions',
  text: `
SELECT a.pid, concat_ws(' · ', a.usename, nullif(a.application_name, ''), a.state) AS who,
  extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS open_s
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = current_database() AND a.pid <> pg_catalog.pg_backend_pid() AND a.xact_start IS NOT NULL
  AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL OR a.state LIKE 'idle in transaction%')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS v WHERE v.pid = a.pid)
  AND a.xact_start < clock_timestamp() - make_interval(secs => $1::float8)
ORDER BY a.xact_start LIMIT 20`,
  values: [oldTransactionS],
  row: (raw: RawRow) => ({ pid: number(raw, 'pid'), who: text(raw, 'who'), openS: number(raw, 'open_s') }),
};

/** Index builds at work, with the session that each waits for. */
export interface IndexBuild {
  readonly pid: number;
  readonly command: string;
  readonly name: string;
  readonly phase: string;
  readonly part: number | null;
  readonly lockerPid: number | null;
}

/** 12 to 18. */
export const indexBuildsStatement: Statement<IndexBuild> = {
  name: 'index builds at work',
  text: `
SELECT p.pid, p.command, coalesce(n.nspname || '.' || c.relname, 'index ' || p.index_relid) AS name, p.phase,
  CASE WHEN p.blocks_total > 0 THEN p.blocks_done::float8 / p.blocks_total
    WHEN p.tuples_total > 0 THEN p.tuples_done::float8 / p.tuples_total END AS part,
  nullif(p.current_locker_pid, 0)::float8 AS locker_pid
FROM pg_catalog.pg_stat_progress_create_index AS p
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = coalesce(nullif(p.index_relid, 0), p.relid) AND p.datname = current_database()
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE p.command IS NOT NULL LIMIT 20`,
  row: (raw: RawRow) => ({
    pid: number(raw, 'pid'),
    command: text(raw, 'command'),
    name: text(raw, 'name'),
    phase: textOrNull(raw, 'phase') ?? 'not told',
    part: numberOrNull(raw, 'part'),
    lockerPid: numberOrNull(raw, 'locker_pid'),
  }),
};
