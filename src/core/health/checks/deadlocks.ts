import { formatCount, formatDuration } from '../../format/quantities';
import { number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { measured } from '../finding';
import { increases } from '../increase';
import { standardOf } from '../standard-limits';

export interface Deadlocks {
  readonly database: string;
  readonly deadlocks: number;
  readonly reset: string | null;
}

/** 12 to 18. From 15 on a deadlock reaches the counter some ten seconds late. */
export const deadlocksStatement: Statement<Deadlocks> = {
  name: 'deadlocks',
  text: `
SELECT s.datname::text AS name, s.deadlocks::float8 AS deadlocks, s.stats_reset::text AS reset
FROM pg_catalog.pg_stat_database AS s WHERE s.datname IS NOT NULL ORDER BY s.datname LIMIT 500`,
  row: (raw: RawRow) => ({
    database: text(raw, 'name'),
    deadlocks: number(raw, 'deadlocks'),
    reset: textOrNull(raw, 'reset'),
  }),
};

const signal = 'deadlocks.recent';

export const deadlocks: CheckDefinition<Deadlocks> = {
  id: 'deadlocks',
  group: 'locks',
  title: 'Deadlocks',
  explanation:
    'The server ends one of the transactions that wait for each other. Frequent deadlocks come from different lock orders or missing indexes.',
  runbook: 'lock-contention',
  tierMs: tiers.minute,
  keepMs: 900_000,
  read: (query) => query(deadlocksStatement),
  evaluate: (samples, { limits }) => {
    const grown = increases(samples, (row) => ({ subject: row.database, value: row.deadlocks, reset: row.reset }));
    const threshold = limits(signal, standardOf(signal));
    if (grown.size === 0) {
      return [
        measured(signal, '', null, 'count', threshold, { severity: 'ok', words: 'deadlocks are counted from now on' }),
      ];
    }
    const found = [...grown].filter(([, { by }]) => by > 0);
    if (found.length === 0) return [measured(signal, '', 0, 'count', threshold, { words: 'no deadlock' })];
    return found.map(([database, { by, overMs }]) =>
      measured(signal, database, by, 'count', threshold, {
        words: `${database}: ${formatCount(by, 'deadlock')} in the last ${formatDuration(overMs / 1000)}`,
        lines: ['The server log names the sessions and statements of each.'],
      }),
    );
  },
};
