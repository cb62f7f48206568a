import { formatInteger } from '../../format/numbers';
import { flag, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { onlyPrimary, tiers, type CheckDefinition } from '../check';
import { measured, nothingFound, stated } from '../finding';
import { standardOf } from '../standard-limits';

/** A table whose dead (or, 13+, inserted) rows have passed the threshold that autovacuum applies to it. */
export interface VacuumNeed {
  readonly table: string;
  readonly dead: number;
  readonly threshold: number;
  /** 13+; null where insert vacuums are off or unknown. */
  readonly inserted: number | null;
  readonly insertThreshold: number | null;
  readonly lastVacuum: string | null;
  /** By the table's own options. */
  readonly disabled: boolean;
  /** autovacuum and track_counts of the server. */
  readonly serverOff: boolean;
}

/** When autovacuum comes to a table, as SQL over pg_class AS c; `inserted` is NULL where inserts do not count. */
export function autovacuumThresholds(major: number): { readonly dead: string; readonly inserted: string } {
  const setting = (name: string): string => `current_setting('${name}')::float8`;
  const option = (name: string): string =>
    `coalesce((SELECT o.option_value FROM pg_options_to_table(c.reloptions) AS o WHERE o.option_name = '${name}')::float8, ${setting(name)})`;
  const plain = `(${option('autovacuum_vacuum_threshold')} + ${option('autovacuum_vacuum_scale_factor')} * greatest(c.reltuples, 0))`;
  const cap = `nullif(${option('autovacuum_vacuum_max_threshold')}, -1)`;
  return {
    dead: major >= 18 ? `least(${plain}, ${cap})` : plain,
    inserted:
      major >= 13
        ? `CASE WHEN ${option('autovacuum_vacuum_insert_threshold')} >= 0 THEN ${option('autovacuum_vacuum_insert_threshold')} + ${option('autovacuum_vacuum_insert_scale_factor')} * greatest(c.reltuples, 0) END`
        : 'NULL::float8',
  };
}

/** Whether autovacuum is switched off for a table, as SQL over pg_class AS c. */
export const autovacuumDisabled = `EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS o WHERE o.option_name = 'autovacuum_enabled' AND lower(o.option_value) IN ('false', 'off', 'no', '0', 'f', 'n'))`;

/**
 * Tables of this database, by the options of each where it has some, else the server's: threshold + scale factor times
 * the rows of pg_class. 12 to 18; 18 caps the threshold.
 */
export function vacuumNeedStatement(major: number): Statement<VacuumNeed> {
  const thresholds = autovacuumThresholds(major);
  return {
    name: 'tables that need vacuum',
    text: `
SELECT t.name, t.dead, t.threshold, t.inserted, t.insert_threshold, t.last_vacuum, t.disabled,
  current_setting('autovacuum') = 'off' OR current_setting('track_counts') = 'off' AS server_off
FROM (SELECT n.nspname || '.' || c.relname AS name, s.n_dead_tup::float8 AS dead, ${thresholds.dead} AS threshold,
    ${major >= 13 ? 's.n_ins_since_vacuum::float8' : 'NULL::float8'} AS inserted, ${thresholds.inserted} AS insert_threshold,
    greatest(s.last_vacuum, s.last_autovacuum)::text AS last_vacuum,
    ${autovacuumDisabled} AS disabled
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_stat_all_tables AS s ON s.relid = c.oid
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
    AND (s.n_dead_tup > 0${major >= 13 ? ' OR s.n_ins_since_vacuum > 0' : ''})) AS t
WHERE t.dead > t.threshold OR t.inserted > t.insert_threshold
ORDER BY greatest(t.dead / greatest(t.threshold, 1), t.inserted / greatest(t.insert_threshold, 1)) DESC LIMIT 20`,
    row: (raw: RawRow) => ({
      table: text(raw, 'name'),
      dead: number(raw, 'dead'),
      threshold: number(raw, 'threshold'),
      inserted: numberOrNull(raw, 'inserted'),
      insertThreshold: numberOrNull(raw, 'insert_threshold'),
      lastVacuum: textOrNull(raw, 'last_vacuum'),
      disabled: flag(raw, 'disabled'),
      serverOff: flag(raw, 'server_off'),
    }),
  };
}

const signal = 'autovacuum-need.ratio';
/** Small tables pass their threshold by a few rows. */
const fewestRows = 10_000;

export const autovacuumNeed: CheckDefinition<VacuumNeed> = {
  id: 'autovacuum-need',
  group: 'maintenance',
  title: 'Tables that need vacuum',
  explanation:
    'How far dead rows are beyond the threshold at which autovacuum comes, with the options of each table. Far beyond it autovacuum is off, held back or too slow.',
  runbook: 'vacuum',
  tierMs: tiers.quarter,
  absent: onlyPrimary,
  read: (query, { server }) => query(vacuumNeedStatement(server.major)),
  evaluate: ({ now: { rows } }, { limits }) => {
    const threshold = limits(signal, standardOf(signal));
    const large = rows.filter(({ dead, inserted }) => Math.max(dead, inserted ?? 0) >= fewestRows);
    if (large.length === 0) return [nothingFound(signal, 'autovacuum keeps up')];
    const off = large[0]?.serverOff === true;
    return [
      ...(off ? [stated('autovacuum-need.off', '', 'warning', { words: 'autovacuum is OFF on this server' })] : []),
      ...large.map((row) => {
        const byDead = row.dead / Math.max(1, row.threshold);
        const byInsert = (row.inserted ?? 0) / Math.max(1, row.insertThreshold ?? Number.POSITIVE_INFINITY);
        // Dead rows are the trouble. Inserted ones cost the next freeze and index-only scans: after a load they are normal.
        const isDead = byDead >= 1 || byDead >= byInsert;
        const ratio = isDead ? byDead : byInsert;
        const rowsText = isDead
          ? `${formatInteger(row.dead)} dead rows`
          : `${formatInteger(row.inserted ?? 0)} rows inserted`;
        const limit = isDead ? row.threshold : (row.insertThreshold ?? 0);
        return measured(signal, row.table, ratio, 'ratio', threshold, {
          ...(!isDead && ratio > threshold.warning && { severity: 'hint' as const }),
          words: `${row.table}: ${rowsText}, ${ratio.toFixed(1)} times its threshold${row.disabled ? ', autovacuum is off for it' : ''}`,
          lines: [
            `Autovacuum comes at ${formatInteger(limit)}.`,
            row.lastVacuum === null ? 'Never vacuumed since the statistics began.' : `Last vacuum: ${row.lastVacuum}.`,
            'Look first at what holds vacuum back: until that is gone a vacuum removes nothing.',
          ],
        });
      }),
    ];
  },
};
