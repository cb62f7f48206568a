import type { LockSession } from '../health/blocking';
import { flag, flagOrNull, number, numberOrNull, text, textOrNull, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';

/** The two ways to make a session let go. */
export type SessionAction = 'cancel' | 'terminate';

/** A session as it was when it was listed. `pid` and `backendStart` together are its identity. */
export interface Victim {
  readonly pid: number;
  readonly backendStart: string | null;
  readonly backendType: string | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
  readonly clientAddress: string | null;
  readonly state: string | null;
  readonly stateAgeS: number | null;
  readonly transactionAgeS: number | null;
  readonly query: string | null;
  readonly holdsUp: number;
}

/** Freezes a session of the blocking graph. */
export function freeze(session: LockSession): Victim {
  const {
    pid,
    backendStart,
    backendType,
    user,
    database,
    application,
    clientAddress,
    state,
    stateAgeS,
    transactionAgeS,
    query,
    holdsUp,
  } = session;
  return {
    pid,
    backendStart,
    backendType,
    user,
    database,
    application,
    clientAddress,
    state,
    stateAgeS,
    transactionAgeS,
    query,
    holdsUp,
  };
}

/** ms that a terminated backend gets to be gone. */
export const terminateWaitMs = 5000;

/**
 * The identity is checked again inside the statement: a pid that another backend has taken over since gives no row. Only
 * client backends, never this session. The time is compared by the server, which keeps the microseconds.
 */
const sameSession = `FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid = $1 AND a.backend_start = $2::timestamptz
  AND a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()`;

/** No row: the session is already gone. `true`: the signal was sent, on 14 and later also that the backend ended. */
export function actionStatement(action: SessionAction, victim: Victim, major: number): Statement<boolean> {
  const call =
    action === 'cancel'
      ? 'pg_catalog.pg_cancel_backend(a.pid)'
      : major >= 14
        ? `pg_catalog.pg_terminate_backend(a.pid, ${terminateWaitMs})`
        : 'pg_catalog.pg_terminate_backend(a.pid)';
  return {
    name: `${action} session`,
    text: `SELECT ${call} AS sent\n${sameSession}`,
    values: [victim.pid, victim.backendStart],
    timeoutMs: 2 * terminateWaitMs,
    row: (raw) => flag(raw, 'sent'),
  };
}

/** What is true of the victim at this moment, and whether this role may signal it. */
export interface Preflight {
  readonly backendType: string | null;
  readonly state: string | null;
  readonly queryId: string;
  readonly own: boolean;
  readonly targetSuperuser: boolean;
  readonly superuser: boolean;
  /** Has the privileges of the victim's role, or of pg_signal_backend. */
  readonly maySignal: boolean;
  readonly query: string | null;
}

/** No row: the session is gone, or another one has its pid. `queryId` changes when its statement does. */
export function preflightStatement(victim: Victim): Statement<Preflight> {
  return {
    name: 'session before the action',
    text: `
SELECT a.backend_type, a.state, a.query,
  coalesce(a.query_start::text, '') || ' ' || coalesce(a.state, '') AS query_id,
  a.pid = pg_catalog.pg_backend_pid() AS own,
  coalesce(t.rolsuper, false) AS target_superuser,
  coalesce((SELECT m.rolsuper FROM pg_catalog.pg_roles AS m WHERE m.rolname = current_user), false) AS superuser,
  coalesce(pg_catalog.pg_has_role(current_user, a.usesysid, 'usage'), false)
    OR pg_catalog.pg_has_role(current_user, 'pg_signal_backend', 'usage') AS may_signal
FROM pg_catalog.pg_stat_activity AS a LEFT JOIN pg_catalog.pg_roles AS t ON t.oid = a.usesysid
WHERE a.pid = $1 AND a.backend_start = $2::timestamptz`,
    values: [victim.pid, victim.backendStart],
    row: readPreflight,
  };
}

function readPreflight(raw: RawRow): Preflight {
  return {
    backendType: textOrNull(raw, 'backend_type'),
    state: textOrNull(raw, 'state'),
    query: textOrNull(raw, 'query'),
    queryId: text(raw, 'query_id'),
    own: flag(raw, 'own'),
    targetSuperuser: flag(raw, 'target_superuser'),
    superuser: flag(raw, 'superuser'),
    maySignal: flag(raw, 'may_signal'),
  };
}

/** Why the action is refused before anyone is asked; undefined when it may go on. */
export function refusal(victim: Victim, now: Preflight): string | undefined {
  if (now.own) return 'This is the session of the panel itself.';
  if (now.backendType === 'walsender')
    return 'This is a walsender: it feeds a standby, a backup or a logical consumer. Ending it breaks replication.';
  if (now.backendType === 'autovacuum worker') {
    return /to prevent wraparound/.test(now.query ?? '')
      ? 'This is an autovacuum that prevents wraparound. It must run to its end: ended, it starts again at once.'
      : 'This is an autovacuum worker. It gives way by itself to those that wait for it.';
  }
  if (now.backendType !== 'client backend')
    return `This is a ${now.backendType ?? 'backend of a hidden kind'}, not a client's session.`;
  if (now.targetSuperuser && !now.superuser)
    return `The session belongs to the superuser ${victim.user ?? ''}: only a superuser may signal it. Connect as one, or ask one.`;
  if (!now.maySignal)
    return `This role may not signal the sessions of ${victim.user ?? 'another role'}. Grant it pg_signal_backend.`;
  return undefined;
}

/** The locks of the sessions of the graph, for the evidence: what is locked in which way, and who waits for it. */
export interface HeldLock {
  readonly pid: number;
  readonly lockType: string;
  /** The relation's name in this database, or a description of what is locked. */
  readonly target: string;
  readonly mode: string;
  readonly granted: boolean;
  readonly sameDatabase: boolean;
}

/** Relation locks, and whatever is waited for. Names come from the catalog, not by a cast that could wait for a lock. */
export function heldLocksStatement(pids: readonly number[]): Statement<HeldLock> {
  return {
    name: 'locks of the graph',
    text: `
SELECT l.pid, l.locktype, l.mode, l.granted,
  coalesce(n.nspname || '.' || c.relname,
    CASE WHEN l.relation IS NOT NULL THEN 'relation ' || l.relation::text || ' of another database'
      WHEN l.transactionid IS NOT NULL THEN 'transaction ' || l.transactionid::text
      ELSE l.locktype END) AS target,
  coalesce(l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()), true) AS same_database
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
  AND l.database IN (0, (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()))
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.pid = ANY($1::int[]) AND (NOT l.granted OR (l.locktype = 'relation' AND c.relkind IS DISTINCT FROM 'i'))
  AND coalesce(n.nspname, '') NOT IN ('pg_catalog', 'information_schema')
ORDER BY l.granted, l.pid, target
LIMIT 200`,
    values: [pids.filter((pid) => pid > 0)],
    row: (raw) => ({
      pid: numberOrNull(raw, 'pid') ?? number({ pid: 0 }, 'pid'),
      lockType: text(raw, 'locktype'),
      target: text(raw, 'target'),
      mode: text(raw, 'mode'),
      granted: flag(raw, 'granted'),
      sameDatabase: flagOrNull(raw, 'same_database') ?? true,
    }),
  };
}
