import { flag, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { readColumns, type StoredColumn } from './column-width';

/** How many of the largest tables are estimated, and as many indexes; the rest is counted. */
export const largest = 1000;

/** What is known of one table; ages in seconds, null = never. */
export interface TableFacts {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly materializedView: boolean;
  /** Pages of the main file now. */
  readonly pages: number;
  /** Pages and rows when VACUUM or ANALYZE last looked; rows -1 (14 and newer): never. */
  readonly knownPages: number;
  readonly knownRows: number;
  readonly fillfactor: number;
  readonly toastBytes: number;
  readonly columns: readonly StoredColumn[];
  /** Dropped columns make every row carry a bitmap of NULLs. */
  readonly droppedColumns: number;
  readonly mayReadStatistics: boolean;
  readonly activity: TableActivity;
}

/** The counters of activity: begun anew by a crash, and a standby's own. */
export interface TableActivity {
  readonly liveRows: number;
  readonly deadRows: number;
  readonly changedSinceAnalyze: number;
  readonly vacuumAgeS: number | null;
  readonly vacuumBy: 'autovacuum' | 'VACUUM';
  readonly analyzeAgeS: number | null;
  readonly analyzeBy: 'autoanalyze' | 'ANALYZE';
}

/** One table, or (`table` null) the count of all. */
export interface TableRow {
  readonly table: TableFacts | null;
  readonly total: number;
  readonly locked: number;
  readonly lockedName: string | null;
}

const timeoutMs = 30_000;
const lockTimeoutMs = 300;

/** Relations on which ACCESS EXCLUSIVE is held or asked for: size functions would wait for them. */
export const lockedRelations = `locked AS MATERIALIZED (SELECT DISTINCT l.relation FROM pg_catalog.pg_locks AS l
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()))`;

/** Schemas that are not looked at. */
export const ownSchemas = `n.nspname !~ '^(pg_catalog|information_schema|pg_toast|pg_temp_)'`;

/**
 * The largest tables with all that the estimate needs. A table that nothing has looked at yet has `relpages` 0 and may be
 * large: those are measured, the others ranked by `relpages`. Right for 12 to 18.
 */
export const tableRowsStatement: Statement<TableRow> = {
  name: 'bloat of tables',
  timeoutMs,
  lockTimeoutMs,
  text: `
WITH ${lockedRelations},
candidate AS MATERIALIZED (SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpages, c.reltuples, c.reltoastrelid, c.reloptions,
    EXISTS (SELECT FROM locked WHERE locked.relation IN (c.oid, c.reltoastrelid)) AS is_locked
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND ${ownSchemas}),
ranked AS MATERIALIZED (SELECT candidate.*, CASE WHEN candidate.relpages > 0 THEN candidate.relpages::int8
    ELSE pg_catalog.pg_relation_size(candidate.oid) / pg_catalog.current_setting('block_size')::int8 END AS rank_pages
  FROM candidate WHERE NOT candidate.is_locked),
top AS MATERIALIZED (SELECT * FROM ranked ORDER BY ranked.rank_pages DESC, ranked.oid LIMIT ${largest})
SELECT top.oid::int8 AS oid, top.nspname::text AS schema_name, top.relname::text AS table_name, top.relkind = 'm' AS is_matview,
  (pg_catalog.pg_relation_size(top.oid) / pg_catalog.current_setting('block_size')::int8)::float8 AS pages,
  top.relpages::float8 AS known_pages, top.reltuples::float8 AS known_rows,
  coalesce((SELECT o.option_value::int4 FROM pg_catalog.pg_options_to_table(top.reloptions) AS o
    WHERE o.option_name = 'fillfactor'), 100) AS fillfactor,
  CASE WHEN top.reltoastrelid = 0 THEN 0 ELSE pg_catalog.pg_relation_size(top.reltoastrelid) END::float8 AS toast_bytes,
  shape.columns, shape.dropped, shape.may_read,
  pg_catalog.pg_stat_get_live_tuples(top.oid)::float8 AS live_rows,
  pg_catalog.pg_stat_get_dead_tuples(top.oid)::float8 AS dead_rows,
  pg_catalog.pg_stat_get_mod_since_analyze(top.oid)::float8 AS changed,
  extract(epoch FROM clock_timestamp() - pg_catalog.pg_stat_get_last_vacuum_time(top.oid))::float8 AS vacuum_age,
  extract(epoch FROM clock_timestamp() - pg_catalog.pg_stat_get_last_autovacuum_time(top.oid))::float8 AS autovacuum_age,
  extract(epoch FROM clock_timestamp() - pg_catalog.pg_stat_get_last_analyze_time(top.oid))::float8 AS analyze_age,
  extract(epoch FROM clock_timestamp() - pg_catalog.pg_stat_get_last_autoanalyze_time(top.oid))::float8 AS autoanalyze_age,
  0 AS total, 0 AS locked_count, NULL::text AS locked_name
FROM top CROSS JOIN LATERAL (
  SELECT json_agg(json_build_array(a.attlen, a.attalign, s.avg_width, s.null_frac, a.atttypid = 'pg_catalog.name'::pg_catalog.regtype)
      ORDER BY a.attnum) FILTER (WHERE NOT a.attisdropped AND a.attgenerated <> 'v') AS columns,
    count(*) FILTER (WHERE a.attisdropped)::int4 AS dropped,
    bool_and(a.attisdropped OR pg_catalog.has_column_privilege(top.oid, a.attnum, 'SELECT'))
      AND NOT pg_catalog.row_security_active(top.oid) AS may_read
  FROM pg_catalog.pg_attribute AS a
  LEFT JOIN pg_catalog.pg_stats AS s ON s.schemaname = top.nspname AND s.tablename = top.relname
    AND s.attname = a.attname AND NOT s.inherited
  WHERE a.attrelid = top.oid AND a.attnum > 0) AS shape
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  (SELECT count(*)::int4 FROM candidate), (SELECT count(*)::int4 FROM candidate WHERE candidate.is_locked),
  (SELECT min(candidate.nspname || '.' || candidate.relname) FROM candidate WHERE candidate.is_locked)`,
  row: (raw) => ({
    table: raw['oid'] === null || numberOrNull(raw, 'pages') === null ? null : readTable(raw),
    total: number(raw, 'total'),
    locked: number(raw, 'locked_count'),
    lockedName: textOrNull(raw, 'locked_name'),
  }),
};

function readTable(raw: RawRow): TableFacts {
  const vacuum = latest(numberOrNull(raw, 'vacuum_age'), numberOrNull(raw, 'autovacuum_age'));
  const analyze = latest(numberOrNull(raw, 'analyze_age'), numberOrNull(raw, 'autoanalyze_age'));
  return {
    oid: number(raw, 'oid'),
    schema: text(raw, 'schema_name'),
    name: text(raw, 'table_name'),
    materializedView: flag(raw, 'is_matview'),
    pages: number(raw, 'pages'),
    knownPages: number(raw, 'known_pages'),
    knownRows: number(raw, 'known_rows'),
    fillfactor: number(raw, 'fillfactor'),
    toastBytes: numberOrNull(raw, 'toast_bytes') ?? 0,
    columns: readColumns(raw, 'columns'),
    droppedColumns: number(raw, 'dropped'),
    mayReadStatistics: raw['may_read'] !== false,
    activity: {
      liveRows: number(raw, 'live_rows'),
      deadRows: number(raw, 'dead_rows'),
      changedSinceAnalyze: number(raw, 'changed'),
      vacuumAgeS: vacuum.ageS,
      vacuumBy: vacuum.auto ? 'autovacuum' : 'VACUUM',
      analyzeAgeS: analyze.ageS,
      analyzeBy: analyze.auto ? 'autoanalyze' : 'ANALYZE',
    },
  };
}

function latest(manual: number | null, auto: number | null): { ageS: number | null; auto: boolean } {
  return auto !== null && (manual === null || auto < manual)
    ? { ageS: auto, auto: true }
    : { ageS: manual, auto: false };
}
