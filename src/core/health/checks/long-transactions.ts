import { formatDuration } from '../../format/quantities';
import { number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { gradeBeyond, measured, nothingFound } from '../finding';
import { standardOf } from '../standard-limits';

export interface LongTransaction {
  readonly pid: number;
  readonly backendStart: string;
  readonly user: string | null;
  readonly application: string;
  readonly state: string | null;
  readonly ageS: number;
}

/** Open for more than `seconds`, the oldest first. 12 to 18. */
export function longTransactionsStatement(seconds: number): Statement<LongTransaction> {
  return {
    name: 'long transactions',
    text: `
SELECT a.pid, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' AS backend_start,
  pg_catalog.pg_get_userbyid(a.usesysid)::text AS usename, coalesce(a.application_name, '') AS application_name, a.state,
  extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS age_s
FROM pg_catalog.pg_stat_get_activity(NULL) AS a
WHERE a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()
  AND a.xact_start < clock_timestamp() - make_interval(secs => $1::float8)
ORDER BY a.xact_start LIMIT 20`,
    values: [seconds],
    row: (raw: RawRow) => ({
      pid: number(raw, 'pid'),
      backendStart: text(raw, 'backend_start'),
      user: textOrNull(raw, 'usename'),
      application: text(raw, 'application_name'),
      state: textOrNull(raw, 'state'),
      ageS: number(raw, 'age_s'),
    }),
  };
}

const signal = 'long-transactions.oldest';

export const longTransactions: CheckDefinition<LongTransaction> = {
  id: 'long-transactions',
  group: 'queries',
  title: 'Long transactions',
  explanation:
    'Rows deleted while a transaction is open cannot be removed by vacuum, and its locks are kept to its end.',
  runbook: 'lock-contention',
  tierMs: tiers.minute,
  needsFullView: true,
  isNeeded: ({ oldestTransactionS }) => (oldestTransactionS ?? 0) > 5,
  read: (query, { limits }) => query(longTransactionsStatement(limits(signal, standardOf(signal)).warning)),
  evaluate: ({ now: { rows } }, { limits }) => {
    const threshold = limits(signal, standardOf(signal));
    const limit = formatDuration(threshold.warning);
    const oldest = rows[0];
    if (!oldest) return [{ ...nothingFound(signal, `no transaction over ${limit}`), unit: 's' }];
    return [
      measured(signal, '', oldest.ageS, 's', threshold, {
        words: `${rows.length === 1 ? 'a transaction' : `${rows.length} transactions`} over ${limit}, the longest ${formatDuration(oldest.ageS)}`,
      }),
      ...rows.map((row) =>
        measured('long-transactions.session', `${row.pid} ${row.backendStart}`, row.ageS, 's', threshold, {
          words: `${row.pid} ${row.application === '' ? (row.user ?? 'unknown role') : row.application}: ${row.state ?? 'state unknown'}, open for ${formatDuration(row.ageS)}`,
          severity: gradeBeyond(row.ageS, threshold),
          detail: true,
        }),
      ),
    ];
  },
};
