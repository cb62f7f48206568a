import { formatCount, formatDuration } from '../../format/quantities';
import { number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { onlyStandby, tiers, type CheckDefinition } from '../check';
import { measured } from '../finding';
import { increases } from '../increase';
import { standardOf } from '../standard-limits';

/** Queries of one database that replay has cancelled since the reset, and for which reason most. */
export interface Conflicts {
  readonly database: string;
  readonly cancelled: number;
  readonly mainly: string;
  readonly reset: string | null;
}

/** 12 to 18; 16 adds conflicts of logical slots, which end slots and no queries, and are left out. */
export const conflictsStatement: Statement<Conflicts> = {
  name: 'recovery conflicts',
  text: `
SELECT c.datname::text AS name, s.stats_reset::text AS reset,
  (c.confl_tablespace + c.confl_lock + c.confl_snapshot + c.confl_bufferpin + c.confl_deadlock)::float8 AS cancelled,
  (SELECT v.reason FROM (VALUES ('tablespace', c.confl_tablespace), ('lock', c.confl_lock), ('snapshot', c.confl_snapshot),
    ('buffer pin', c.confl_bufferpin), ('deadlock', c.confl_deadlock)) AS v(reason, n) ORDER BY v.n DESC LIMIT 1) AS mainly
FROM pg_catalog.pg_stat_database_conflicts AS c JOIN pg_catalog.pg_stat_database AS s ON s.datid = c.datid`,
  row: (raw: RawRow) => ({
    database: text(raw, 'name'),
    cancelled: number(raw, 'cancelled'),
    mainly: text(raw, 'mainly'),
    reset: textOrNull(raw, 'reset'),
  }),
};

const signal = 'standby-conflicts.cancelled';

export const standbyConflicts: CheckDefinition<Conflicts> = {
  id: 'standby-conflicts',
  group: 'replication',
  title: 'Recovery conflicts',
  explanation:
    'A standby cancels queries that stand in the way of replay for longer than max_standby_streaming_delay; until then they hold replay up.',
  runbook: 'replication-lag',
  tierMs: tiers.minute,
  keepMs: 900_000,
  absent: onlyStandby,
  read: (query) => query(conflictsStatement),
  evaluate: (samples, { limits }) => {
    const grown = increases(samples, (row) => ({ subject: row.database, value: row.cancelled, reset: row.reset }));
    const threshold = limits(signal, standardOf(signal));
    return samples.now.rows.map(({ database, mainly }) => {
      const more = grown.get(database);
      return measured(signal, database, more?.by ?? null, 'count', threshold, {
        ...(more ? {} : { severity: 'ok' }),
        words: !more
          ? 'recovery conflicts are counted from now on'
          : more.by === 0
            ? 'no query cancelled by replay'
            : `${database}: ${formatCount(more.by, 'query', 'queries')} cancelled by replay in ${formatDuration(more.overMs / 1000)}`,
        lines: more && more.by > 0 ? [`Most of all ever: ${mainly}.`] : [],
      });
    });
  },
};
