import { formatPercent } from '../../format/numbers';
import { formatDuration } from '../../format/quantities';
import { flag, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { onlyPrimary, tiers, type CheckDefinition } from '../check';
import { measured, nothingFound } from '../finding';
import { standardOf } from '../standard-limits';

export interface VacuumProgress {
  readonly pid: number;
  readonly database: string;
  /** Null in another database, whose names are not readable from here. */
  readonly table: string | null;
  readonly oid: number;
  readonly phase: string;
  readonly scanned: number;
  readonly total: number;
  readonly runsS: number | null;
  readonly wraparound: boolean;
  /** 17+; null before. */
  readonly indexesDone: number | null;
  readonly indexes: number | null;
}

/** 12 to 18. */
export function vacuumProgressStatement(major: number): Statement<VacuumProgress> {
  const indexes =
    major >= 17
      ? 'p.indexes_processed::float8 AS done, p.indexes_total::float8 AS indexes'
      : 'NULL::float8 AS done, NULL::float8 AS indexes';
  return {
    name: 'running vacuums',
    text: `
SELECT p.pid, p.datname::text AS datname, p.relid::int8 AS relid, n.nspname || '.' || c.relname AS name, p.phase,
  p.heap_blks_scanned::float8 AS scanned, p.heap_blks_total::float8 AS total, ${indexes},
  extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS runs_s,
  coalesce(a.query LIKE '%(to prevent wraparound)%', false) AS wraparound
FROM pg_catalog.pg_stat_progress_vacuum AS p
LEFT JOIN LATERAL pg_catalog.pg_stat_get_activity(p.pid) AS a ON true
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = p.relid AND p.datname = current_database()
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE p.phase IS NOT NULL ORDER BY a.xact_start LIMIT 20`,
    row: (raw: RawRow) => ({
      pid: number(raw, 'pid'),
      database: textOrNull(raw, 'datname') ?? '',
      table: textOrNull(raw, 'name'),
      oid: number(raw, 'relid'),
      phase: text(raw, 'phase'),
      scanned: numberOrNull(raw, 'scanned') ?? 0,
      total: numberOrNull(raw, 'total') ?? 0,
      runsS: numberOrNull(raw, 'runs_s'),
      wraparound: flag(raw, 'wraparound'),
      indexesDone: numberOrNull(raw, 'done'),
      indexes: numberOrNull(raw, 'indexes'),
    }),
  };
}

const signal = 'vacuum-progress.longest';

export const vacuumProgress: CheckDefinition<VacuumProgress> = {
  id: 'vacuum-progress',
  group: 'maintenance',
  title: 'Running vacuums',
  explanation: 'What VACUUM and autovacuum are at. One that runs for hours is throttled, or its index passes repeat.',
  runbook: 'vacuum',
  tierMs: tiers.minute,
  absent: onlyPrimary,
  needsFullView: true,
  read: (query, { server }) => query(vacuumProgressStatement(server.major)),
  evaluate: ({ now: { rows } }, { limits }) => {
    const threshold = limits(signal, standardOf(signal));
    if (rows.length === 0) return [{ ...nothingFound(signal, 'no vacuum is running'), unit: 's' as const }];
    return rows.map((row) => {
      const part = row.total > 0 ? `, ${formatPercent((100 * row.scanned) / row.total)} scanned` : '';
      const name = row.table ?? `table ${row.oid}`;
      const elsewhere = row.table === null ? ` of ${row.database}` : '';
      return measured(signal, `${row.pid} ${name}`, row.runsS, 's', threshold, {
        ...(row.runsS === null && { severity: 'ok' }),
        words: `vacuum of ${name}${elsewhere}: ${row.phase}${part}${row.runsS === null ? '' : `, ${formatDuration(row.runsS)}`}`,
        lines: [
          ...(row.wraparound ? ['It prevents wraparound: do not cancel it.'] : []),
          ...(row.indexes === null || row.indexes === 0
            ? []
            : [`${row.indexesDone ?? 0} of ${row.indexes} indexes of this pass are done.`]),
        ],
        detail: true,
      });
    });
  },
};
