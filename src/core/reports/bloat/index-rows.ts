import { flag, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { readColumns, type StoredColumn } from './column-width';
import { largest, lockedRelations, ownSchemas } from './table-rows';

/** What is known of one b-tree. */
export interface IndexFacts {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly table: string;
  readonly pages: number;
  /** Entries when VACUUM, ANALYZE or CREATE INDEX last counted; -1: never. */
  readonly knownEntries: number;
  readonly fillfactor: number;
  readonly unique: boolean;
  readonly valid: boolean;
  readonly partial: boolean;
  readonly columns: readonly StoredColumn[];
  readonly mayReadStatistics: boolean;
  /** Equal keys share one entry here: 13 and newer, not switched off, of types that allow it. */
  readonly mayDeduplicate: boolean;
  /** How many different keys, by the statistics; null where they do not tell. */
  readonly distinctKeys: number | null;
  /** Of the table, since its last ANALYZE. */
  readonly changedSinceAnalyze: number;
  readonly tableRows: number;
}

/** One index, or (`index` null) the count of all. */
export interface IndexRow {
  readonly index: IndexFacts | null;
  readonly total: number;
  readonly locked: number;
}

/** numeric, float4, float8, jsonb: equal values may look different, so b-trees keep them apart. */
const neverEqualImages = '700, 701, 1700, 3802';

/** The largest b-trees. Columns are the index's own; the statistics those of the table, or of an expression. */
export const indexRowsStatement: Statement<IndexRow> = {
  name: 'bloat of indexes',
  timeoutMs: 30_000,
  lockTimeoutMs: 300,
  text: `
WITH ${lockedRelations},
candidate AS MATERIALIZED (SELECT i.oid, n.nspname, i.relname, i.relpages, i.reltuples, i.reloptions, t.oid AS table_oid,
    t.relname AS table_name, t.reltuples AS table_rows, x.indkey, x.indnatts, x.indnkeyatts, x.indisunique, x.indisvalid, x.indpred IS NOT NULL AS partial,
    EXISTS (SELECT FROM locked WHERE locked.relation IN (i.oid, t.oid)) AS is_locked
  FROM pg_catalog.pg_index AS x JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
  JOIN pg_catalog.pg_class AS t ON t.oid = x.indrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = i.relnamespace
  JOIN pg_catalog.pg_am AS m ON m.oid = i.relam
  WHERE i.relkind = 'i' AND m.amname = 'btree' AND i.relpersistence <> 't' AND ${ownSchemas}),
ranked AS MATERIALIZED (SELECT candidate.*, CASE WHEN candidate.relpages > 1 THEN candidate.relpages::int8
    ELSE pg_catalog.pg_relation_size(candidate.oid) / pg_catalog.current_setting('block_size')::int8 END AS rank_pages
  FROM candidate WHERE NOT candidate.is_locked),
top AS MATERIALIZED (SELECT * FROM ranked ORDER BY ranked.rank_pages DESC, ranked.oid LIMIT ${largest})
SELECT top.oid::int8 AS oid, top.nspname::text AS schema_name, top.relname::text AS index_name, top.table_name::text AS table_name,
  (pg_catalog.pg_relation_size(top.oid) / pg_catalog.current_setting('block_size')::int8)::float8 AS pages,
  top.reltuples::float8 AS known_entries, top.indisunique AS is_unique, top.indisvalid AS is_valid, top.partial,
  coalesce((SELECT o.option_value::int4 FROM pg_catalog.pg_options_to_table(top.reloptions) AS o
    WHERE o.option_name = 'fillfactor'), 90) AS fillfactor,
  shape.columns, shape.may_read, shape.distinct_keys,
  pg_catalog.current_setting('server_version_num')::int4 >= 130000 AND top.indnatts = top.indnkeyatts AND shape.equal_images
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_options_to_table(top.reloptions) AS o
      WHERE o.option_name = 'deduplicate_items' AND NOT o.option_value::bool) AS may_deduplicate,
  pg_catalog.pg_stat_get_mod_since_analyze(top.table_oid)::float8 AS changed, top.table_rows::float8 AS table_rows,
  0 AS total, 0 AS locked_count
FROM top CROSS JOIN LATERAL (
  SELECT json_agg(json_build_array(a.attlen, a.attalign, s.avg_width, s.null_frac,
      coalesce(base.atttypid, a.atttypid) = 'pg_catalog.name'::pg_catalog.regtype) ORDER BY a.attnum) AS columns,
    bool_and(base.attnum IS NULL OR pg_catalog.has_column_privilege(top.table_oid, base.attnum, 'SELECT'))
      AND NOT pg_catalog.row_security_active(top.table_oid) AS may_read,
    bool_and(y.typtype NOT IN ('c', 'r', 'm') AND y.typcategory <> 'A' AND y.oid NOT IN (${neverEqualImages})) AS equal_images,
    CASE WHEN bool_and(a.attnum > top.indnkeyatts OR s.n_distinct IS NOT NULL) THEN
      exp(sum(CASE WHEN a.attnum > top.indnkeyatts THEN 0 WHEN s.n_distinct > 0 THEN ln(s.n_distinct::float8)
        ELSE ln(greatest(1, -s.n_distinct * greatest(top.table_rows, 1))::float8) END)) END AS distinct_keys
  FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS y ON y.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attribute AS base ON base.attrelid = top.table_oid AND base.attnum = top.indkey[a.attnum - 1] AND base.attnum > 0
  LEFT JOIN pg_catalog.pg_stats AS plain ON plain.schemaname = top.nspname AND plain.tablename = top.table_name
    AND plain.attname = base.attname AND NOT plain.inherited
  LEFT JOIN pg_catalog.pg_stats AS computed ON base.attnum IS NULL AND computed.schemaname = top.nspname
    AND computed.tablename = top.relname AND computed.attname = a.attname AND NOT computed.inherited
  CROSS JOIN LATERAL (SELECT coalesce(plain.avg_width, computed.avg_width) AS avg_width,
    coalesce(plain.null_frac, computed.null_frac) AS null_frac, coalesce(plain.n_distinct, computed.n_distinct) AS n_distinct) AS s
  WHERE a.attrelid = top.oid AND a.attnum > 0) AS shape
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  (SELECT count(*)::int4 FROM candidate), (SELECT count(*)::int4 FROM candidate WHERE candidate.is_locked)`,
  row: (raw) => ({
    index: raw['oid'] === null || numberOrNull(raw, 'pages') === null ? null : readIndex(raw),
    total: number(raw, 'total'),
    locked: number(raw, 'locked_count'),
  }),
};

function readIndex(raw: RawRow): IndexFacts {
  return {
    oid: number(raw, 'oid'),
    schema: text(raw, 'schema_name'),
    name: text(raw, 'index_name'),
    table: textOrNull(raw, 'table_name') ?? '',
    pages: number(raw, 'pages'),
    knownEntries: number(raw, 'known_entries'),
    fillfactor: number(raw, 'fillfactor'),
    unique: flag(raw, 'is_unique'),
    valid: flag(raw, 'is_valid'),
    partial: flag(raw, 'partial'),
    columns: readColumns(raw, 'columns'),
    mayReadStatistics: raw['may_read'] !== false,
    mayDeduplicate: raw['may_deduplicate'] === true,
    distinctKeys: numberOrNull(raw, 'distinct_keys'),
    changedSinceAnalyze: number(raw, 'changed'),
    tableRows: number(raw, 'table_rows'),
  };
}
