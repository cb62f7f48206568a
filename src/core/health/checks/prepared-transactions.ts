import { formatCount, formatDuration } from '../../format/quantities';
import { number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { onlyPrimary, tiers, type CheckDefinition } from '../check';
import { measured, nothingFound } from '../finding';
import { standardOf } from '../standard-limits';

export interface PreparedTransaction {
  readonly gid: string;
  readonly database: string | null;
  readonly owner: string | null;
  readonly ageS: number;
}

/** Readable by every role. 12 to 18. */
export const preparedTransactionsStatement: Statement<PreparedTransaction> = {
  name: 'prepared transactions',
  text: `
SELECT p.gid, p.database::text AS datname, p.owner::text AS owner, extract(epoch FROM clock_timestamp() - p.prepared)::float8 AS age_s
FROM pg_catalog.pg_prepared_xacts AS p ORDER BY p.prepared LIMIT 50`,
  row: (raw: RawRow) => ({
    gid: text(raw, 'gid'),
    database: textOrNull(raw, 'datname'),
    owner: textOrNull(raw, 'owner'),
    ageS: number(raw, 'age_s'),
  }),
};

const signal = 'prepared-transactions.oldest';

export const preparedTransactions: CheckDefinition<PreparedTransaction> = {
  id: 'prepared-transactions',
  group: 'locks',
  title: 'Prepared transactions',
  explanation:
    'A transaction that was prepared and neither committed nor rolled back keeps its locks and holds vacuum back, over restarts too.',
  runbook: 'lock-contention',
  tierMs: tiers.minute,
  absent: onlyPrimary,
  read: (query) => query(preparedTransactionsStatement),
  evaluate: ({ now: { rows } }, { limits }) => {
    const threshold = limits(signal, standardOf(signal));
    if (rows.length === 0) return [{ ...nothingFound(signal, 'no prepared transaction'), unit: 's' as const }];
    const oldest = rows[0]?.ageS ?? 0;
    return [
      measured(signal, '', oldest, 's', threshold, {
        words: `${formatCount(rows.length, 'prepared transaction')}, the oldest ${formatDuration(oldest)}`,
      }),
      ...rows.map(({ gid, database, owner, ageS }) =>
        measured('prepared-transactions.age', gid, ageS, 's', threshold, {
          words: `prepared ${gid}: ${formatDuration(ageS)}`,
          lines: [
            `Of ${owner ?? 'an unknown role'} in ${database ?? 'an unknown database'}; that role or a superuser ends it.`,
          ],
          change: `ROLLBACK PREPARED '${gid.replaceAll("'", "''")}';`,
          detail: true,
        }),
      ),
    ];
  },
};
