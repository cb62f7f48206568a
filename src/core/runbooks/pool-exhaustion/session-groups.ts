import { number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { maskSecrets } from '../../sql/mask-secrets';
import type { Victim } from '../session-actions';

/** Sessions of one application, as one client address opens them. */
export interface SessionGroup {
  readonly application: string;
  readonly user: string | null;
  readonly database: string | null;
  readonly clientAddress: string | null;
  readonly total: number;
  readonly active: number;
  readonly idle: number;
  readonly inTransaction: number;
  readonly lockWaiters: number;
}

/** Who holds the slots of the server, the largest group first. 12 to 18. */
export const sessionGroupsStatement: Statement<SessionGroup> = {
  name: 'sessions by application',
  text: `
SELECT coalesce(a.application_name, '') AS application, a.usename::text AS usename, a.datname::text AS datname,
  pg_catalog.host(a.client_addr) AS client_addr, count(*)::int AS total,
  count(*) FILTER (WHERE a.state = 'active')::int AS active, count(*) FILTER (WHERE a.state = 'idle')::int AS idle,
  count(*) FILTER (WHERE a.state LIKE 'idle in transaction%')::int AS in_transaction,
  count(*) FILTER (WHERE a.wait_event_type = 'Lock')::int AS lock_waiters
FROM pg_catalog.pg_stat_activity AS a WHERE a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()
GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1 LIMIT 30`,
  row: (raw: RawRow) => ({
    application: text(raw, 'application'),
    user: textOrNull(raw, 'usename'),
    database: textOrNull(raw, 'datname'),
    clientAddress: textOrNull(raw, 'client_addr'),
    total: number(raw, 'total'),
    active: number(raw, 'active'),
    idle: number(raw, 'idle'),
    inTransaction: number(raw, 'in_transaction'),
    lockWaiters: number(raw, 'lock_waiters'),
  }),
};

/** A session that keeps its connection from others: its statement runs, or its transaction was left open. */
export interface BusySession extends Victim {
  /** Age of the statement where it is active, else of its present state, in s. */
  readonly ageS: number;
  /** What it waits for, as the server calls it. */
  readonly waits: string | null;
  readonly waitsForLock: boolean;
}

/** A dump or a backup takes its time and is no cause of an incident; neither is this panel. */
const leftOut = '^(pg_dump|pg_dumpall|pg_restore|pg_basebackup|pgbackrest|barman|wal-g|db-ops-panel)';

/** Sessions busy for longer than `seconds`, the oldest first; identities as any kill needs them. 12 to 18. */
export function busySessionsStatement(seconds: number): Statement<BusySession> {
  return {
    name: 'busy sessions',
    text: `
SELECT b.* FROM (SELECT a.pid, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' AS backend_start,
  a.usename::text AS usename, a.datname::text AS datname, a.application_name, pg_catalog.host(a.client_addr) AS client_addr, a.state,
  extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS transaction_s, left(a.query, 2000) AS query,
  extract(epoch FROM clock_timestamp() - CASE WHEN a.state = 'active' THEN a.query_start ELSE a.state_change END)::float8 AS age_s,
  CASE WHEN a.state = 'active' THEN a.wait_event_type || ': ' || a.wait_event END AS waits,
  coalesce(a.wait_event_type = 'Lock', false) AS waits_for_lock
  FROM pg_catalog.pg_stat_activity AS a
  WHERE a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()
    AND (a.state = 'active' OR a.state LIKE 'idle in transaction%') AND coalesce(a.application_name, '') !~* '${leftOut}') AS b
WHERE b.age_s > $1::float8 ORDER BY b.age_s DESC LIMIT 200`,
    values: [seconds],
    row: (raw: RawRow) => ({
      pid: number(raw, 'pid'),
      backendStart: textOrNull(raw, 'backend_start'),
      user: textOrNull(raw, 'usename'),
      database: textOrNull(raw, 'datname'),
      application: textOrNull(raw, 'application_name'),
      clientAddress: textOrNull(raw, 'client_addr'),
      state: textOrNull(raw, 'state'),
      transactionAgeS: numberOrNull(raw, 'transaction_s'),
      query: maskSecrets(textOrNull(raw, 'query')),
      holdsUp: 0,
      ageS: number(raw, 'age_s'),
      waits: textOrNull(raw, 'waits'),
      waitsForLock: raw['waits_for_lock'] === true,
    }),
  };
}
