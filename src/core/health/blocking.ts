import { maskSecrets } from '../sql/mask-secrets';
import { flag, number, numberOrNull, numbers, text, textOrNull, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';

/** A session that waits for a lock or holds one that others wait for. `pid` 0 stands for a prepared transaction. */
export interface LockSession {
  readonly pid: number;
  /** `backend_start` as the server prints it, with microseconds: with the pid the identity for any kill. */
  readonly backendStart: string | null;
  readonly backendType: string | null;
  readonly database: string | null;
  readonly user: string | null;
  readonly application: string | null;
  readonly clientAddress: string | null;
  readonly state: string | null;
  readonly waitEvent: string | null;
  readonly transactionAgeS: number | null;
  readonly queryAgeS: number | null;
  /** Age of the present state: for idle in transaction the time it has been idle. */
  readonly stateAgeS: number | null;
  /** How long it has waited; null when it does not wait or before 14. */
  readonly waitingS: number | null;
  readonly waits: boolean;
  readonly query: string | null;
  /** Sessions that stand in its way, duplicates removed. */
  readonly blockedBy: readonly number[];
  /** Sessions that wait for this one directly. */
  readonly blocks: readonly number[];
  /** Sessions that wait for this one directly or through others. */
  readonly holdsUp: number;
  /** Global identifiers of prepared transactions, for pid 0. */
  readonly preparedTransactions?: readonly string[];
}

/** The blocking graph: a DAG but for deadlocks in the second before the server resolves them. */
export interface LockState {
  readonly sessions: ReadonlyMap<number, LockSession>;
  /** Pids that wait for nobody, the one that holds up most first. Members of a cycle count as roots too. */
  readonly roots: readonly number[];
  readonly waiting: number;
  readonly longestWaitS: number | null;
  /** More waiters than the statement reads: the graph is a part of the truth. */
  readonly truncated: boolean;
  readonly limited: boolean;
}

/** More than this many waiters are not followed: the graph of the first is enough to act on. */
export const waiterLimit = 500;

/** One row for each session of the graph; also one for each prepared transaction when one of them blocks. */
export interface LockRow {
  readonly session: Omit<LockSession, 'blocks' | 'holdsUp' | 'preparedTransactions'>;
  readonly waiting: number;
  readonly limited: boolean;
  readonly preparedTransactions: readonly string[];
  /** More sessions wait than the statement followed. */
  readonly truncated?: boolean;
}

/**
 * The blocking graph in one statement. pg_blocking_pids is asked for waiters only: it takes a lock on the whole lock
 * table. A session waits for one lock at a time. Sessions are read one by one: the view lists all of the server first.
 * `waitstart` came with 14. `backend_start` is printed in UTC with microseconds, as text, since it is an identity.
 * At most `limit` waiters are followed, those that wait the longest first: the roots are nearest to them. Each of them
 * is compared with the whole queue, so that a long queue costs its square: with `comparisons` fewer are followed then,
 * but never fewer than ten.
 */
export function locksStatement(major: number, limit = waiterLimit, comparisons?: number): Statement<LockRow> {
  const followed =
    comparisons === undefined
      ? String(limit)
      : `(SELECT least(${limit}, greatest(10, ${comparisons} / greatest(1, total.waiting))) FROM total)`;
  const waitStart = major >= 14 ? 'l.waitstart' : 'NULL::timestamptz';
  const order =
    major >= 14
      ? 'waiting.waitstart NULLS LAST'
      : '(SELECT a.query_start FROM pg_catalog.pg_stat_get_activity(waiting.pid) AS a) NULLS LAST';
  return {
    name: 'locks',
    repeated: true,
    text: `
WITH waiting AS MATERIALIZED (SELECT l.pid, ${waitStart} AS waitstart
  FROM pg_catalog.pg_locks AS l WHERE NOT l.granted),
total AS (SELECT count(*)::int AS waiting FROM waiting),
w AS MATERIALIZED (SELECT waiting.pid, waiting.waitstart FROM waiting ORDER BY ${order} LIMIT ${followed}),
e AS MATERIALIZED (SELECT w.pid, w.waitstart, pg_catalog.pg_blocking_pids(w.pid) AS bl FROM w),
p AS (SELECT e.pid FROM e UNION SELECT unnest(e.bl) FROM e),
prepared AS (SELECT coalesce(json_agg(x.gid ORDER BY x.prepared), '[]')::text AS gids
  FROM pg_catalog.pg_prepared_xacts AS x WHERE EXISTS (SELECT FROM p WHERE p.pid = 0))
SELECT p.pid, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' AS backend_start,
  a.backend_type, d.datname::text AS datname, pg_catalog.pg_get_userbyid(a.usesysid)::text AS usename, a.application_name, pg_catalog.host(a.client_addr) AS client_addr,
  a.state, a.wait_event,
  extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS xact_s,
  extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS query_s,
  extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS state_s,
  extract(epoch FROM clock_timestamp() - e.waitstart)::float8 AS wait_s,
  e.pid IS NOT NULL AS waits, coalesce(e.bl, '{}') AS blocked_by, left(a.query, 2000) AS query,
  total.waiting, total.waiting > (SELECT count(*) FROM w) AS truncated, prepared.gids, NOT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS limited
FROM total, prepared, p LEFT JOIN e USING (pid) LEFT JOIN LATERAL pg_catalog.pg_stat_get_activity(p.pid) AS a ON true LEFT JOIN pg_catalog.pg_database AS d ON d.oid = a.datid
WHERE p.pid = 0 OR a.pid IS NOT NULL`,
    row: readLockRow,
  };
}

/** Waiters whose blockers a poll asks for, and with how many of the queue all of them together may be compared. */
const polledWaiters = 50;
const polledComparisons = 3000;

/** The blocking graph as a poll asks for it, every few seconds: its first waiters are enough to see the roots. */
export function polledLocksStatement(major: number): Statement<LockRow> {
  return locksStatement(major, polledWaiters, polledComparisons);
}

function readLockRow(raw: RawRow): LockRow {
  return {
    session: {
      pid: number(raw, 'pid'),
      backendStart: textOrNull(raw, 'backend_start'),
      backendType: textOrNull(raw, 'backend_type'),
      database: textOrNull(raw, 'datname'),
      user: textOrNull(raw, 'usename'),
      application: textOrNull(raw, 'application_name'),
      clientAddress: textOrNull(raw, 'client_addr'),
      state: textOrNull(raw, 'state'),
      waitEvent: textOrNull(raw, 'wait_event'),
      transactionAgeS: numberOrNull(raw, 'xact_s'),
      queryAgeS: numberOrNull(raw, 'query_s'),
      stateAgeS: numberOrNull(raw, 'state_s'),
      waitingS: numberOrNull(raw, 'wait_s'),
      waits: flag(raw, 'waits'),
      query: maskSecrets(textOrNull(raw, 'query')),
      blockedBy: numbers(raw, 'blocked_by'),
    },
    waiting: number(raw, 'waiting'),
    limited: flag(raw, 'limited'),
    truncated: flag(raw, 'truncated'),
    preparedTransactions: JSON.parse(text(raw, 'gids')) as readonly string[],
  };
}
