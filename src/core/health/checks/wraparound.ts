import { formatInteger, formatPercent } from '../../format/numbers';
import { number, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { measured } from '../finding';
import { standardOf } from '../standard-limits';

export interface FreezeAge {
  readonly database: string;
  readonly transactions: number;
  readonly multixacts: number;
}

/** 12 to 18, also on a standby. */
export const freezeAgeStatement: Statement<FreezeAge> = {
  name: 'age of the oldest unfrozen row',
  text: `
SELECT d.datname::text AS name, age(d.datfrozenxid)::float8 AS transactions, mxid_age(d.datminmxid)::float8 AS multixacts
FROM pg_catalog.pg_database AS d ORDER BY greatest(age(d.datfrozenxid), mxid_age(d.datminmxid)) DESC LIMIT 50`,
  row: (raw: RawRow) => ({
    database: text(raw, 'name'),
    transactions: number(raw, 'transactions'),
    multixacts: number(raw, 'multixacts'),
  }),
};

/** At this age the server takes no new transaction any more. */
const stopAt = 2 ** 31 - 3_000_000;

export const wraparound: CheckDefinition<FreezeAge> = {
  id: 'wraparound',
  group: 'maintenance',
  title: 'Wraparound',
  explanation:
    'Rows must be frozen before two billion transactions have gone by; three million before that the server refuses to write.',
  runbook: 'vacuum',
  tierMs: tiers.minute,
  read: (query) => query(freezeAgeStatement),
  evaluate: ({ now: { rows } }, { limits }) =>
    rows.flatMap(({ database, transactions, multixacts }) =>
      [
        { signal: 'wraparound.transactions' as const, age: transactions, of: 'transactions' },
        { signal: 'wraparound.multixacts' as const, age: multixacts, of: 'multixacts' },
      ].map(({ signal, age, of }) =>
        measured(signal, database, age / stopAt, 'ratio', limits(signal, standardOf(signal)), {
          words: `${database}: ${formatPercent((100 * age) / stopAt)} of the way to ${of} wraparound`,
          lines: [
            `The oldest row that is not frozen is ${formatInteger(age)} ${of} old; the server stops at ${formatInteger(stopAt)}.`,
          ],
        }),
      ),
    ),
};
