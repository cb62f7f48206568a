import { formatCount, formatDuration } from '../format/quantities';
import type { Evaluation } from '../health/evaluation';
import { grade, worst } from '../health/severity';
import type { Severity } from '../health/status';
import { ownNote, type Levels } from '../health/thresholds';
import type { PoolerDatabase, PoolerPool, PoolerState } from './pooler-state';

export interface PoolerThresholds {
  /** Seconds that the first client in the queue has waited. Any waiting is a warning; 5 s is seen by people. */
  readonly waitS: Levels;
}

export const defaultPoolerThresholds: PoolerThresholds = { waitS: { warning: 0, critical: 5 } };

/** A pool with its database's limits; `poolSize` is for one user. */
export interface PoolerItem {
  readonly pool: PoolerPool;
  readonly database: PoolerDatabase | undefined;
  readonly evaluation: Evaluation;
}

/** Each pool, the worst first. */
export function evaluatePooler(state: PoolerState, thresholds = defaultPoolerThresholds): readonly PoolerItem[] {
  const order: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, unknown: 2, ok: 3 };
  return state.pools
    .map((pool) => {
      const database = state.databases.find(({ name }) => name === pool.database);
      return { pool, database, evaluation: evaluatePoolerPool(pool, database, thresholds) };
    })
    .sort((a, b) => order[a.evaluation.severity] - order[b.evaluation.severity] || compareNames(a.pool, b.pool));
}

export function evaluatePoolerPool(
  pool: PoolerPool,
  database: PoolerDatabase | undefined,
  thresholds = defaultPoolerThresholds,
): Evaluation {
  const waiting = pool.clientsWaiting;
  const waits = waiting === null ? null : waiting > 0 || (pool.maxWaitS ?? 0) > 0;
  const size = database?.poolSize ?? null;
  const full = pool.serversActive !== null && size !== null && pool.serversActive >= size;
  const severity = worst(
    waits === null ? 'unknown' : waits ? gradeWait(pool.maxWaitS, thresholds.waitS) : 'ok',
    database?.paused === true || database?.disabled === true ? 'warning' : 'ok',
    pool.serversActive === null ? 'unknown' : 'ok',
  );
  const busy = `${pool.serversActive ?? '?'}/${size ?? '?'}`;
  const summary = [`${pool.database}: ${busy}`];
  if (database?.paused === true) summary.push('paused');
  if (database?.disabled === true) summary.push('disabled');
  if (waits === true) summary.push(`${waiting ?? 0} waiting${waitOf(pool)}`);
  const lines = [
    `${busy} server connections at work for user ${pool.user}, ${pool.serversIdle ?? 'unknown'} idle${pool.poolMode === null ? '' : `; ${pool.poolMode} pooling`}.`,
    `${waiting === null ? 'Unknown how many clients are' : formatCount(waiting, 'client')} waiting for one; ${thresholds.waitS.warning === 0 ? 'any is a warning' : `warning above ${formatDuration(thresholds.waitS.warning)}`}, critical above ${formatDuration(thresholds.waitS.critical)}${ownNote(thresholds.waitS)}.`,
    `${pool.clientsActive ?? 'Unknown'} clients connected and not waiting, idle ones among them.`,
  ];
  if (waits === true) lines.push(reasonOf(full, database));
  return { severity, summary: summary.join(' · '), lines };
}

/** Someone waits: a warning however short it is yet, unless the person has said from when on it is one. */
function gradeWait(waitS: number | null, levels: Levels): Severity {
  const graded = grade(waitS, levels);
  return levels.warning > 0 && graded === 'ok' ? 'ok' : worst('warning', graded);
}

/** Why clients wait, which decides what helps. */
function reasonOf(full: boolean, database: PoolerDatabase | undefined): string {
  if (database?.paused === true) return 'They wait because the database is paused: RESUME lets them go on.';
  if (full) return 'All server connections of the pool are at work: look at what they do before raising pool_size.';
  const { maxConnections, connections } = database ?? {};
  if (maxConnections && connections && connections >= maxConnections) {
    return 'The database has all connections that max_db_connections allows.';
  }
  return 'The pool is not full: the server lets no new connection in, or a login hangs.';
}

function waitOf(pool: PoolerPool): string {
  return (pool.maxWaitS ?? 0) > 0 ? ` ${formatDuration(pool.maxWaitS ?? 0)}` : '';
}

function compareNames(a: PoolerPool, b: PoolerPool): number {
  return `${a.database}/${a.user}`.localeCompare(`${b.database}/${b.user}`);
}
