import { formatCount, formatDuration } from '../format/quantities';
import { flag, number, numberOrNull, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';
import type { Evaluation } from './evaluation';
import { grade, worst } from './severity';
import type { Severity } from './status';
import { defaultThresholds, type Thresholds } from './thresholds';

/** Sessions of a server against what it can take. Ages in seconds; null where the server told nothing. */
export interface SessionsState {
  readonly used: number;
  /** Null under a limited view: other sessions' states are hidden from the role. */
  readonly active: number | null;
  readonly idle: number | null;
  readonly idleInTransaction: number | null;
  readonly idleInTransactionAborted: number | null;
  readonly lockWaiters: number | null;
  readonly oldestTransactionS: number | null;
  /** Of the statements that run now; null where none does. */
  readonly oldestQueryS: number | null;
  readonly oldestIdleInTransactionS: number | null;
  /** max_connections - superuser_reserved_connections - reserved_connections (16+). */
  readonly usable: number;
  readonly maxConnections: number;
  readonly limited: boolean;
}

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

/** The state of the server's pool of sessions. */
export function evaluateSessions(state: SessionsState, thresholds: Thresholds = defaultThresholds): Evaluation {
  const part = state.usable > 0 ? state.used / state.usable : 1;
  const full = grade(part, thresholds.sessionsUsed);
  const open = (state.idleInTransaction ?? 0) + (state.idleInTransactionAborted ?? 0);
  // No session idle in transaction is a fact under a full view: nothing can be too old then.
  const leak: Severity = state.limited
    ? 'unknown'
    : open === 0
      ? 'ok'
      : grade(state.oldestIdleInTransactionS, thresholds.idleInTransactionS);
  const { sessionsUsed, idleInTransactionS } = thresholds;
  const lines = [
    `${state.used} of ${state.usable} usable slots (${Math.round(part * 100)} %); warning above ${Math.round(sessionsUsed.warning * 100)} %, critical above ${Math.round(sessionsUsed.critical * 100)} %.`,
    `Usable: max_connections ${state.maxConnections} less the reserved ones.`,
  ];
  if (state.limited) {
    lines.push('Limited view: this role does not see other sessions, so their states are unknown. Grant pg_monitor.');
    return { severity: worst(full, leak), summary: `${state.used}/${state.usable} sessions · limited view`, lines };
  }
  lines.push(
    `${state.active ?? 0} active, ${state.idle ?? 0} idle, ${open} idle in transaction, ${state.lockWaiters ?? 0} waiting for a lock.`,
  );
  if (state.oldestIdleInTransactionS !== null) {
    lines.push(
      `Longest idle in transaction: ${formatDuration(state.oldestIdleInTransactionS)}; warning above ${formatDuration(idleInTransactionS.warning)}, critical above ${formatDuration(idleInTransactionS.critical)}.`,
    );
  }
  if (state.oldestTransactionS !== null) lines.push(`Oldest transaction: ${formatDuration(state.oldestTransactionS)}.`);
  const summary = [`${state.used}/${state.usable} sessions`];
  if (open > 0) {
    const age =
      leak === 'ok' || state.oldestIdleInTransactionS === null
        ? ''
        : ` ${formatDuration(state.oldestIdleInTransactionS)}`;
    summary.push(`${open} idle in transaction${age}`);
  }
  if ((state.lockWaiters ?? 0) > 0) summary.push(formatCount(state.lockWaiters ?? 0, 'lock waiter'));
  return { severity: worst(full, leak), summary: summary.join(' · '), lines };
}
