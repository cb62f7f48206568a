import { maskSecrets } from '../sql/mask-secrets';
import type { LockSession } from '../health/blocking';
import { flag, numberOrNull, text, textOrNull, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';

/** The two ways to make a session let go. */
export type SessionAction = 'cancel' | 'terminate';

/** What tells a session from every other one, also from a later one with the same pid. */
export interface Identity {
  readonly pid: number;
  readonly backendStart: string | null;
}

/** A session as it was when it was listed. */
export interface Victim extends Identity {
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
  readonly clientAddress: string | null;
  readonly state: string | null;
  readonly transactionAgeS: number | null;
  readonly query: string | null;
  readonly holdsUp: number;
}

/** Freezes a session of the blocking graph. */
export function freeze(session: LockSession): Victim {
  const { pid, backendStart, user, database, application, clientAddress, state, transactionAgeS, query } = session;
  const { holdsUp } = session;
  return { pid, backendStart, user, database, application, clientAddress, state, transactionAgeS, query, holdsUp };
}

/**
 * ms that the server itself waits for a terminated backend. Short, for the session that waits is the one that polls; the
 * gate looks on after it.
 */
const serverWaitMs = 1000;

/**
 * The identity is checked again inside the statement: a pid that another backend has taken over since gives no row. Only
 * client backends, never this session. The time is compared by the server, which keeps the microseconds.
 */
const sameSession = `FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid = $1 AND a.backend_start = $2::timestamptz
  AND a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()`;

/** No row: the session is already gone. The gate looks itself whether the signal worked. */
export function actionStatement(action: SessionAction, victim: Identity, major: number): Statement<boolean> {
  const call =
    action === 'cancel'
      ? 'pg_catalog.pg_cancel_backend(a.pid)'
      : major >= 14
        ? `pg_catalog.pg_terminate_backend(a.pid, ${serverWaitMs})`
        : 'pg_catalog.pg_terminate_backend(a.pid)';
  return {
    name: `${action} session`,
    text: `SELECT ${call} AS sent\n${sameSession}`,
    values: [victim.pid, victim.backendStart],
    row: (raw) => flag(raw, 'sent'),
  };
}

/** What is true of the victim at this moment, and whether this role may signal it. */
export interface Preflight {
  readonly backendType: string | null;
  readonly state: string | null;
  /** Changes with each statement of the session and with what it does between them. */
  readonly moment: string;
  /** Changes with each transaction; empty outside of one. */
  readonly transaction: string;
  readonly transactionAgeS: number | null;
  readonly own: boolean;
  readonly targetSuperuser: boolean;
  readonly superuser: boolean;
  /** Has the privileges of the victim's role, or of pg_signal_backend. */
  readonly maySignal: boolean;
  readonly query: string | null;
}

/** No row: the session is gone, or another one has its pid. */
export function preflightStatement(victim: Identity): Statement<Preflight> {
  return {
    name: 'session before the action',
    text: `
SELECT a.backend_type, a.state, left(a.query, 2000) AS query,
  concat_ws(' ', extract(epoch FROM a.query_start), extract(epoch FROM a.state_change), a.state) AS moment,
  coalesce(extract(epoch FROM a.xact_start)::text, '') AS transaction,
  extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS transaction_age_s,
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
    query: maskSecrets(textOrNull(raw, 'query')),
    moment: text(raw, 'moment'),
    transaction: text(raw, 'transaction'),
    transactionAgeS: numberOrNull(raw, 'transaction_age_s'),
    own: flag(raw, 'own'),
    targetSuperuser: flag(raw, 'target_superuser'),
    superuser: flag(raw, 'superuser'),
    maySignal: flag(raw, 'may_signal'),
  };
}

/** Why the action is refused without asking the server; undefined when it may go on. */
export function refusalOfVictim(victim: Victim): string | undefined {
  if (victim.pid === 0)
    return 'A prepared transaction has no session to signal. Its owner ends it with COMMIT PREPARED or ROLLBACK PREPARED and its name.';
  if (victim.backendStart === null)
    return 'This role does not see when the session began, so the session cannot be told from a later one with the same pid. Grant the role pg_monitor.';
  return undefined;
}

/** Why the action is refused before the person is asked; undefined when it may go on. */
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
