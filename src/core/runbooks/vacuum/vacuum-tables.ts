import { autovacuumDisabled, autovacuumThresholds } from '../../health/checks/autovacuum-need';
import { flag, number, numberOrNull, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';

/** A table as vacuum sees it; ages in s, null = never since the statistics began. */
export interface VacuumTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** By the counters; a crash begins them anew. */
  readonly live: number;
  readonly dead: number;
  /** Dead rows at which autovacuum comes, by the options of the table. */
  readonly threshold: number;
  /** 13+; null where inserts do not count. */
  readonly inserted: number | null;
  readonly insertThreshold: number | null;
  readonly vacuumAgeS: number | null;
  readonly analyzeAgeS: number | null;
  /** autovacuum_enabled = off for this table. */
  readonly disabled: boolean;
  /** autovacuum or track_counts of the server is off. */
  readonly serverOff: boolean;
  /** Age of its oldest row that is not frozen, its TOAST included, in transactions. */
  readonly freezeAge: number;
  /** By relpages, which waits for no lock; null: nobody has counted yet. */
  readonly bytes: number | null;
}

const most = 50;

/**
 * The tables that are most beyond their threshold, the oldest by wraparound, and the one of `oid`. Needs no privilege. 12 to
 * 18.
 */
export function vacuumTablesStatement(major: number, oid: number | null = null): Statement<VacuumTable> {
  const thresholds = autovacuumThresholds(major);
  const inserted = major >= 13 ? 's.n_ins_since_vacuum::float8' : 'NULL::float8';
  return {
    name: 'tables as vacuum sees them',
    text: `
WITH t AS MATERIALIZED (SELECT c.oid::int8 AS oid, n.nspname::text AS schema_name, c.relname::text AS table_name,
    s.n_live_tup::float8 AS live, s.n_dead_tup::float8 AS dead, ${thresholds.dead} AS threshold,
    ${inserted} AS inserted, ${thresholds.inserted} AS insert_threshold,
    extract(epoch FROM clock_timestamp() - greatest(s.last_vacuum, s.last_autovacuum))::float8 AS vacuum_age,
    extract(epoch FROM clock_timestamp() - greatest(s.last_analyze, s.last_autoanalyze))::float8 AS analyze_age,
    ${autovacuumDisabled} AS disabled,
    current_setting('autovacuum') = 'off' OR current_setting('track_counts') = 'off' AS server_off,
    greatest(age(c.relfrozenxid), age(o.relfrozenxid))::float8 AS freeze_age,
    CASE WHEN c.relpages > 0 THEN c.relpages::float8 * current_setting('block_size')::float8 END AS bytes
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_stat_all_tables AS s ON s.relid = c.oid
  LEFT JOIN pg_catalog.pg_class AS o ON o.oid = c.reltoastrelid
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_(toast|temp_)')
(SELECT t.* FROM t
  ORDER BY greatest(t.dead / greatest(t.threshold, 1), 0.01 * t.inserted / greatest(t.insert_threshold, 1)) DESC,
    t.schema_name IN ('pg_catalog', 'information_schema'), t.bytes DESC NULLS LAST LIMIT ${most})
UNION (SELECT t.* FROM t ORDER BY t.freeze_age DESC LIMIT 5)
UNION SELECT t.* FROM t WHERE t.oid = $1::int8`,
    values: [oid],
    row: (raw: RawRow) => ({
      oid: number(raw, 'oid'),
      schema: text(raw, 'schema_name'),
      name: text(raw, 'table_name'),
      live: number(raw, 'live'),
      dead: number(raw, 'dead'),
      threshold: number(raw, 'threshold'),
      inserted: numberOrNull(raw, 'inserted'),
      insertThreshold: numberOrNull(raw, 'insert_threshold'),
      vacuumAgeS: numberOrNull(raw, 'vacuum_age'),
      analyzeAgeS: numberOrNull(raw, 'analyze_age'),
      disabled: flag(raw, 'disabled'),
      serverOff: flag(raw, 'server_off'),
      freezeAge: number(raw, 'freeze_age'),
      bytes: numberOrNull(raw, 'bytes'),
    }),
  };
}

/** Fewer dead rows than this trouble nobody, whatever the threshold. */
const fewestDead = 1000;

/** Dead rows beyond the threshold at which autovacuum should have come. */
export function isDue({ dead, threshold }: VacuumTable): boolean {
  return dead >= fewestDead && dead > threshold;
}

/** Rows inserted beyond their threshold: only freezing and the visibility map wait. */
export function isDueByInserts({ inserted, insertThreshold }: VacuumTable): boolean {
  return inserted !== null && insertThreshold !== null && inserted >= fewestDead && inserted > insertThreshold;
}

/** Has dead rows, and no vacuum has ever come. */
export function isNeverVacuumed({ vacuumAgeS, dead, live }: VacuumTable): boolean {
  return vacuumAgeS === null && dead > 0 && live + dead >= fewestDead;
}

/** How far beyond its threshold it is. */
export function ratioOf({ dead, threshold }: VacuumTable): number {
  return dead / Math.max(1, threshold);
}

export function tableLabel({ schema, name }: Pick<VacuumTable, 'schema' | 'name'>): string {
  return `${schema}.${name}`;
}

/**
 * Options that let autovacuum come to a large table often enough: at 5 % of 100,000 rows, at 1 % of a million. Undefined
 * where its threshold is below that already.
 */
export function tunedOptions({ live, threshold }: VacuumTable): Readonly<Record<string, string>> | undefined {
  const factor = live >= 1_000_000 ? 0.01 : live >= 100_000 ? 0.05 : undefined;
  if (factor === undefined || threshold <= 1000 + factor * live) return undefined;
  return {
    autovacuum_vacuum_scale_factor: String(factor),
    autovacuum_vacuum_threshold: '1000',
    autovacuum_analyze_scale_factor: String(factor),
  };
}
