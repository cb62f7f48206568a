import { formatDuration } from '../../format/quantities';
import { number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { measured, nothingFound } from '../finding';
import { standardOf } from '../standard-limits';

/** Sessions of one application that keep a transaction open and do nothing. */
export interface Leak {
  readonly database: string;
  readonly user: string;
  readonly application: string;
  readonly clientAddress: string | null;
  readonly sessions: number;
  readonly open: number;
  readonly oldestS: number;
}

/** Grouped by who opened them; the oldest first. 12 to 18. */
export const leaksStatement: Statement<Leak> = {
  name: 'sessions left in a transaction, by application',
  text: `
SELECT coalesce(d.datname::text, '') AS datname, coalesce(pg_catalog.pg_get_userbyid(g.usesysid)::text, '') AS usename,
  g.application_name, g.client_addr, g.sessions, g.open, extract(epoch FROM clock_timestamp() - g.since)::float8 AS oldest_s
FROM (SELECT a.datid, a.usesysid, coalesce(a.application_name, '') AS application_name, pg_catalog.host(a.client_addr) AS client_addr,
    count(*)::int AS sessions, count(*) FILTER (WHERE a.state LIKE 'idle in transaction%')::int AS open,
    min(a.state_change) FILTER (WHERE a.state LIKE 'idle in transaction%') AS since
  FROM pg_catalog.pg_stat_get_activity(NULL) AS a WHERE a.backend_type = 'client backend'
  GROUP BY 1, 2, 3, 4) AS g
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = g.datid
WHERE g.open > 0 ORDER BY g.since LIMIT 20`,
  row: (raw: RawRow) => ({
    database: text(raw, 'datname'),
    user: text(raw, 'usename'),
    application: text(raw, 'application_name'),
    clientAddress: textOrNull(raw, 'client_addr'),
    sessions: number(raw, 'sessions'),
    open: number(raw, 'open'),
    oldestS: number(raw, 'oldest_s'),
  }),
};

const signal = 'leaks.idle-in-transaction';

export const leaks: CheckDefinition<Leak> = {
  id: 'leaks',
  group: 'pool',
  title: 'Connection leaks by application',
  explanation:
    'A session that is idle in a transaction was not given back to its pool: it keeps its locks, holds vacuum back, and is missed by the application.',
  runbook: 'pool-exhaustion',
  tierMs: tiers.minute,
  needsFullView: true,
  isNeeded: ({ idleInTransaction, idleInTransactionAborted }) =>
    idleInTransaction !== 0 || idleInTransactionAborted !== 0,
  read: (query) => query(leaksStatement),
  evaluate: ({ now: { rows } }, { limits }) => {
    const threshold = limits(signal, standardOf(signal));
    if (rows.length === 0) return [nothingFound(signal, 'no session is idle in a transaction')];
    return rows.map((leak) => {
      const who = leak.application === '' ? `${leak.user} without application_name` : leak.application;
      const from = `${leak.user}@${leak.clientAddress ?? 'local'}/${leak.database}`;
      return measured(signal, `${leak.application} ${from}`.trim(), leak.oldestS, 's', threshold, {
        words: `${who}: ${leak.open} of ${leak.sessions} idle in transaction, the oldest ${formatDuration(leak.oldestS)}`,
        lines: [`Opened by ${from}.`],
      });
    });
  },
};
