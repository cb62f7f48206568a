import { formatInteger } from '../../format/numbers';
import { formatDuration } from '../../format/quantities';
import { number, numberOrNull, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { onlyPrimary, tiers, type CheckDefinition } from '../check';
import { gradeBeyond, nothingFound, stated } from '../finding';
import { standardOf } from '../standard-limits';

export interface Unvacuumed {
  readonly table: string;
  readonly rows: number;
  readonly dead: number;
  /** Since the last vacuum of any kind; null: never since the statistics began. */
  readonly ageS: number | null;
  /** Since the last analyze of any kind; null: never. */
  readonly analyzedS: number | null;
}

/** Guide: 7 days; it leaves out those never vacuumed, which are the point. In s. */
const longestS = 7 * 86_400;
/** Tables below this are never due. */
const fewestRows = 1000;

/** 12 to 18. */
export const neverVacuumedStatement: Statement<Unvacuumed> = {
  name: 'tables not vacuumed for long',
  text: `
SELECT s.schemaname || '.' || s.relname AS name, s.n_live_tup::float8 AS live, s.n_dead_tup::float8 AS dead,
  extract(epoch FROM clock_timestamp() - greatest(s.last_vacuum, s.last_autovacuum))::float8 AS age_s,
  extract(epoch FROM clock_timestamp() - greatest(s.last_analyze, s.last_autoanalyze))::float8 AS analyzed_s
FROM pg_catalog.pg_stat_user_tables AS s
WHERE s.n_live_tup + s.n_dead_tup >= ${fewestRows} AND s.n_dead_tup > 0
  AND coalesce(greatest(s.last_vacuum, s.last_autovacuum), '-infinity') < clock_timestamp() - make_interval(secs => $1::float8)
ORDER BY s.n_dead_tup DESC LIMIT 20`,
  values: [longestS],
  row: (raw: RawRow) => ({
    table: text(raw, 'name'),
    rows: number(raw, 'live'),
    dead: number(raw, 'dead'),
    ageS: numberOrNull(raw, 'age_s'),
    analyzedS: numberOrNull(raw, 'analyzed_s'),
  }),
};

export const neverVacuumed: CheckDefinition<Unvacuumed> = {
  id: 'never-vacuumed',
  group: 'maintenance',
  title: 'Tables not vacuumed for 7 days',
  explanation:
    'Tables with dead rows that no vacuum has visited for a week, or ever since the statistics began. Few changes are a good reason.',
  runbook: 'vacuum',
  tierMs: tiers.quarter,
  absent: onlyPrimary,
  read: (query) => query(neverVacuumedStatement),
  evaluate: ({ now: { rows } }, { limits }) => {
    if (rows.length === 0) return [nothingFound('never-vacuumed.tables', 'every table was vacuumed in a week')];
    const threshold = limits('never-vacuumed.dead', standardOf('never-vacuumed.dead'));
    return rows.map(({ table, rows: live, dead, ageS, analyzedS }) => {
      const part = dead / Math.max(1, live + dead);
      const severity = gradeBeyond(part, threshold);
      return {
        ...stated('never-vacuumed.dead', table, severity === 'ok' ? 'hint' : severity, {
          words: `${table}: ${ageS === null ? 'never vacuumed' : `vacuumed ${formatDuration(ageS)} ago`}, ${formatInteger(dead)} dead rows`,
          lines: [
            `${formatInteger(live)} live rows.`,
            analyzedS === null ? 'Never analyzed: the planner guesses.' : `Analyzed ${formatDuration(analyzedS)} ago.`,
          ],
        }),
        value: part,
        unit: 'ratio' as const,
        threshold,
      };
    });
  },
};
