import { flag, number, numberOrNull, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';
import type { SessionsState } from './sessions';

/**
 * A session of this panel on its way from one statement of a reading to the next, here or in another window. It is no
 * leak of an application. One that has stood there for longer than a statement of ours may take is one like any other.
 */
const betweenStatements =
  "(a.application_name = 'db-ops-panel' AND a.state_change > clock_timestamp() - interval '5 s')";

/**
 * Right for 12 to 18. An unprivileged role sees NULL in the columns of others, so that counting by state would be a
 * false green: for it the statement counts the backends of pg_stat_database and leaves the rest NULL. The function is read
 * instead of the view above it, which joins the names of each session's database and role.
 */
export const sessionsStatement: Statement<SessionsState> = {
  name: 'sessions',
  repeated: true,
  text: `
WITH me AS (SELECT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS sees_all),
seen AS (SELECT
  count(*) FILTER (WHERE a.backend_type = 'client backend') AS used,
  count(*) FILTER (WHERE a.backend_type = 'client backend' AND a.state = 'active') AS active,
  count(*) FILTER (WHERE a.state = 'idle') AS idle,
  count(*) FILTER (WHERE a.state = 'idle in transaction' AND ${betweenStatements} IS NOT TRUE) AS iit,
  count(*) FILTER (WHERE a.state = 'idle in transaction (aborted)' AND ${betweenStatements} IS NOT TRUE) AS iit_aborted,
  count(*) FILTER (WHERE a.wait_event_type = 'Lock') AS lock_waiters,
  min(a.xact_start) FILTER (WHERE a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()) AS oldest_xact,
  min(a.query_start) FILTER (WHERE a.backend_type = 'client backend' AND a.state = 'active' AND a.pid <> pg_catalog.pg_backend_pid()) AS oldest_query,
  min(a.state_change) FILTER (WHERE a.state IN ('idle in transaction', 'idle in transaction (aborted)') AND ${betweenStatements} IS NOT TRUE) AS oldest_iit
  FROM pg_catalog.pg_stat_get_activity(NULL) AS a)
SELECT NOT me.sees_all AS limited,
  CASE WHEN me.sees_all THEN seen.used
    ELSE (SELECT sum(d.numbackends) FROM pg_catalog.pg_stat_database AS d) END::int AS used,
  CASE WHEN me.sees_all THEN seen.active END::int AS active,
  CASE WHEN me.sees_all THEN seen.idle END::int AS idle,
  CASE WHEN me.sees_all THEN seen.iit END::int AS iit,
  CASE WHEN me.sees_all THEN seen.iit_aborted END::int AS iit_aborted,
  CASE WHEN me.sees_all THEN seen.lock_waiters END::int AS lock_waiters,
  CASE WHEN me.sees_all THEN extract(epoch FROM clock_timestamp() - seen.oldest_xact) END::float8 AS oldest_xact_s,
  CASE WHEN me.sees_all THEN extract(epoch FROM clock_timestamp() - seen.oldest_query) END::float8 AS oldest_query_s,
  CASE WHEN me.sees_all THEN extract(epoch FROM clock_timestamp() - seen.oldest_iit) END::float8 AS oldest_iit_s,
  current_setting('max_connections')::int AS max_connections,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true), '0')::int AS usable
FROM me, seen`,
  row: readSessions,
};

function readSessions(raw: RawRow): SessionsState {
  return {
    used: number(raw, 'used'),
    active: numberOrNull(raw, 'active'),
    idle: numberOrNull(raw, 'idle'),
    idleInTransaction: numberOrNull(raw, 'iit'),
    idleInTransactionAborted: numberOrNull(raw, 'iit_aborted'),
    lockWaiters: numberOrNull(raw, 'lock_waiters'),
    oldestTransactionS: numberOrNull(raw, 'oldest_xact_s'),
    oldestQueryS: numberOrNull(raw, 'oldest_query_s'),
    oldestIdleInTransactionS: numberOrNull(raw, 'oldest_iit_s'),
    usable: number(raw, 'usable'),
    maxConnections: number(raw, 'max_connections'),
    limited: flag(raw, 'limited'),
  };
}
