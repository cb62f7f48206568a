import { formatBytes, formatDuration } from '../../format/quantities';
import { number, numberOrNull, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { measured, nothingFound } from '../finding';

export interface UnusedIndex {
  readonly index: string;
  readonly table: string;
  readonly bytes: number;
  /** How long the statistics have counted, in s, at least. */
  readonly statisticsS: number;
  readonly standbys: number;
}

/**
 * Never scanned since the statistics began, and needed for nothing else: unique, primary, exclusion, replica identity,
 * constraints and partitions are left out. Sizes by relpages, which wait for no lock. 12 to 18.
 */
export const unusedIndexesStatement: Statement<UnusedIndex> = {
  name: 'unused indexes',
  text: `
SELECT s.schemaname || '.' || s.indexrelname AS index_name, s.schemaname || '.' || s.relname AS table_name,
  c.relpages::float8 * current_setting('block_size')::float8 AS bytes,
  extract(epoch FROM clock_timestamp() - greatest((SELECT d.stats_reset FROM pg_catalog.pg_stat_database AS d
    WHERE d.datname = current_database()), pg_catalog.pg_postmaster_start_time()))::float8 AS statistics_s,
  (SELECT count(*) FROM pg_catalog.pg_stat_get_wal_senders())::int AS standbys
FROM pg_catalog.pg_stat_user_indexes AS s
JOIN pg_catalog.pg_index AS i ON i.indexrelid = s.indexrelid
JOIN pg_catalog.pg_class AS c ON c.oid = s.indexrelid
WHERE s.idx_scan = 0 AND i.indisvalid AND NOT i.indisunique AND NOT i.indisprimary AND NOT i.indisexclusion
  AND NOT i.indisreplident AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = s.indexrelid)
ORDER BY c.relpages DESC LIMIT 20`,
  row: (raw: RawRow) => ({
    index: text(raw, 'index_name'),
    table: text(raw, 'table_name'),
    bytes: number(raw, 'bytes'),
    statisticsS: numberOrNull(raw, 'statistics_s') ?? 0,
    standbys: number(raw, 'standbys'),
  }),
};

/** Over less time than a week a job of the weekend has not come yet. In s. */
const shortestS = 7 * 86_400;
/** Smaller ones cost nothing. */
const leastBytes = 1024 ** 2;

export const unusedIndexes: CheckDefinition<UnusedIndex> = {
  id: 'unused-indexes',
  group: 'maintenance',
  title: 'Unused indexes',
  explanation:
    'Indexes that no query of this server has used since its statistics began. Each costs every write; one may serve a standby or a job of the month.',
  runbook: 'reindex',
  tierMs: tiers.quarter,
  read: (query) => query(unusedIndexesStatement),
  evaluate: ({ now: { rows } }) => {
    const signal = 'unused-indexes.bytes';
    const age = rows[0]?.statisticsS ?? 0;
    if (rows.length > 0 && age < shortestS) {
      const words = `too early to tell: statistics count for ${formatDuration(age)}, a week is needed`;
      return [{ ...nothingFound(signal, words), value: null }];
    }
    const large = rows.filter(({ bytes }) => bytes >= leastBytes);
    if (large.length === 0) return [nothingFound(signal, 'no unused index')];
    return large.map(({ index, table, bytes, standbys }) =>
      measured(signal, index, bytes, 'bytes', null, {
        severity: 'hint',
        words: `unused index ${index} on ${table}, ${formatBytes(bytes)}`,
        lines: [
          `Not used on this server for at least ${formatDuration(age)}.`,
          standbys > 0
            ? `${standbys} standby servers may use it: look at each of them before it is dropped.`
            : 'Look at each standby and at jobs of the month before it is dropped.',
        ],
      }),
    );
  },
};
