import { flag, number, numberOrNull, text, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';
import type { SizeState, TableSize } from './size';

/** Sizes never take longer than this from the other signals. In ms. */
const sizeTimeoutMs = 4000;

/** How many tables are shown; the statement looks at as many candidates. */
const tableLimit = 50;

/** Size functions wait behind ACCESS EXCLUSIVE; 55P03 then means "skipped". In ms. */
const sizeLockTimeoutMs = 200;

/** Waits for no lock; null where the role may not connect. */
export const databaseSizeStatement: Statement<number | null> = {
  name: 'database size',
  timeoutMs: sizeTimeoutMs,
  text: `SELECT CASE WHEN pg_catalog.has_database_privilege(current_database(), 'CONNECT')
    THEN pg_catalog.pg_database_size(current_database()) END AS bytes`,
  row: (raw) => numberOrNull(raw, 'bytes'),
};

/** One row a table, and one without a table that counts the locked ones. */
export interface TableSizeRow {
  readonly table: TableSize | null;
  readonly skippedLocked: number;
}

/**
 * Two stages: the largest by `relpages`, which costs nothing, then their true sizes by oid, so that a name cannot break
 * it. Partitions count as tables. Right for 12 to 18.
 */
export const tableSizesStatement: Statement<TableSizeRow> = {
  name: 'table sizes',
  timeoutMs: sizeTimeoutMs,
  lockTimeoutMs: sizeLockTimeoutMs,
  text: `
WITH locked AS MATERIALIZED (SELECT DISTINCT l.relation FROM pg_catalog.pg_locks AS l
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())),
candidate AS (SELECT c.oid, n.nspname, c.relname, c.relpages, c.reltoastrelid,
    EXISTS (SELECT FROM locked WHERE locked.relation IN (c.oid, c.reltoastrelid)
      OR locked.relation IN (SELECT i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid)) AS is_locked
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^(pg_catalog|information_schema|pg_toast|pg_temp_)'
  ORDER BY c.relpages DESC, c.oid LIMIT ${tableLimit}),
top AS MATERIALIZED (SELECT * FROM candidate WHERE NOT is_locked)
SELECT top.oid::int8 AS oid, top.nspname::text AS schema_name, top.relname::text AS table_name,
  pg_catalog.pg_relation_size(top.oid)::float8 AS heap_bytes,
  pg_catalog.pg_table_size(top.oid)::float8 AS table_bytes,
  pg_catalog.pg_indexes_size(top.oid)::float8 AS index_bytes, 0 AS skipped, false AS is_total
FROM top
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, (SELECT count(*)::int FROM candidate WHERE is_locked), true`,
  row: readTableSize,
};

function readTableSize(raw: RawRow): TableSizeRow {
  if (flag(raw, 'is_total')) return { table: null, skippedLocked: number(raw, 'skipped') };
  const heapBytes = numberOrNull(raw, 'heap_bytes');
  const tableBytes = numberOrNull(raw, 'table_bytes');
  // Dropped since the list was made: the size functions then give NULL.
  if (heapBytes === null || tableBytes === null) return { table: null, skippedLocked: 0 };
  const indexBytes = numberOrNull(raw, 'index_bytes') ?? 0;
  return {
    table: {
      oid: number(raw, 'oid'),
      schema: text(raw, 'schema_name'),
      name: text(raw, 'table_name'),
      heapBytes,
      toastBytes: tableBytes - heapBytes,
      indexBytes,
      totalBytes: tableBytes + indexBytes,
    },
    skippedLocked: 0,
  };
}

/** Joins what the two statements read. */
export function buildSizeState(databaseBytes: number | null, rows: readonly TableSizeRow[]): SizeState {
  const tables = rows.map((row) => row.table).filter((table) => table !== null);
  return {
    databaseBytes,
    tables: tables.sort((a, b) => b.totalBytes - a.totalBytes || a.oid - b.oid),
    skippedLocked: rows.reduce((sum, row) => sum + row.skippedLocked, 0),
  };
}
