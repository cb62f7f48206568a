import { formatCount, formatDuration } from '../format/quantities';
import type { Evaluation } from '../health/evaluation';
import { grade, worst } from '../health/severity';
import type { Severity } from '../health/status';
import { ownNote, type Levels } from '../health/thresholds';
import type { ApplicationPool } from './application-pool';
import { timeoutWindowMs, type LeakSuspicion } from './pool-history';

/** When a pool is a warning and when critical. The guide: active above 80 % of max, pending above 0, any time-out. */
export interface PoolThresholds {
  /** Part of max that is in use. Reaching max is critical only when somebody waits. */
  readonly used: Levels;
  /** Threads that wait. */
  readonly pending: Levels;
  /** Time-outs in the last five minutes. */
  readonly timeouts: Levels;
}

export const defaultPoolThresholds: PoolThresholds = {
  used: { warning: 0.8, critical: 1 },
  pending: { warning: 0, critical: 0 },
  timeouts: { warning: 0, critical: 0 },
};

/** What the last minutes add to a reading. */
export interface PoolPast {
  /** In the last `timeoutWindowMs`; null is unknown. */
  readonly recentTimeouts: number | null;
  readonly leak: LeakSuspicion;
  /** ms since the epoch. */
  readonly restarted?: number | undefined;
}

/** What one pool of an application means. */
export function evaluatePool(
  pool: ApplicationPool,
  past: PoolPast,
  thresholds: PoolThresholds = defaultPoolThresholds,
): Evaluation {
  const { active, idle, max, pending } = pool;
  const used = active === null || max === null || max === 0 ? null : active / max;
  const full = active !== null && max !== null && active >= max;
  const waits = gradeWaiting(pending, full, thresholds.pending);
  const failed = past.recentTimeouts === null ? 'ok' : grade(past.recentTimeouts, thresholds.timeouts);
  const leaks: Severity = past.leak.kind === 'held' || past.leak.kind === 'rising' ? 'warning' : 'ok';
  const lines = [
    `${said(active)} of ${said(max)} in use${used === null ? '' : ` (${Math.round(used * 100)} %)`}, ${said(idle)} idle; warning above ${Math.round(thresholds.used.warning * 100)} %, critical above ${Math.round(thresholds.used.critical * 100)} %${ownNote(thresholds.used)}.`,
    `${said(pending)} waiting for a connection; warning above ${thresholds.pending.warning}, critical ${thresholds.pending.critical === 0 ? '' : `above ${thresholds.pending.critical} `}when the pool is full too${ownNote(thresholds.pending)}.`,
    timeoutLine(pool, past, thresholds.timeouts),
  ];
  if (full && idle === 0) lines.push('No headroom: nothing is idle and the pool may not grow.');
  const leak = leakLine(past.leak);
  if (leak !== undefined) lines.push(leak);
  if (pool.acquire.maxS !== null)
    lines.push(`Longest wait for a connection lately: ${formatDuration(pool.acquire.maxS)}.`);
  return {
    severity: worst(grade(used, thresholds.used), waits, failed, leaks),
    summary: summaryOf(pool, past),
    lines,
  };
}

/** Waiting while the pool may still open connections is a warning; at its limit requests stand still. */
function gradeWaiting(pending: number | null, full: boolean, levels: Levels): Severity {
  if (pending === null) return 'unknown';
  if (pending > levels.critical && full) return 'critical';
  return pending > levels.warning ? 'warning' : 'ok';
}

function summaryOf(pool: ApplicationPool, past: PoolPast): string {
  const parts = [`${pool.active ?? '?'}/${pool.max ?? '?'}`];
  if ((pool.pending ?? 0) > 0) parts.push(`${pool.pending ?? 0} pending`);
  if ((past.recentTimeouts ?? 0) > 0) parts.push(formatCount(past.recentTimeouts ?? 0, 'timeout'));
  if (past.leak.kind === 'held' || past.leak.kind === 'rising') parts.push('leak suspected');
  return parts.join(' · ');
}

function timeoutLine(pool: ApplicationPool, past: PoolPast, levels: Levels): string {
  const limit = levels.critical === 0 ? 'any is critical' : `critical above ${levels.critical}`;
  if (pool.timeouts === null) return 'Time-outs are not exposed.';
  const since = ` ${pool.timeouts} since the application started.`;
  if (past.restarted !== undefined) return `Time-outs: the counter began anew; the application restarted.${since}`;
  if (past.recentTimeouts === null) return `Time-outs: counted from the next reading on.${since}`;
  return `${formatCount(past.recentTimeouts, 'time-out')} in the last ${formatDuration(timeoutWindowMs / 1000)}; ${limit}${ownNote(levels)}.${since}`;
}

function leakLine(leak: LeakSuspicion): string | undefined {
  if (leak.kind === 'held') {
    const many = formatCount(leak.connections, 'connection');
    return `Leak suspected: ${many} in use for ${formatDuration(leak.windowMs / 1000)}, and none was given back in that time.`;
  }
  if (leak.kind === 'rising') {
    return `Leak suspected: the lowest number in use rose from ${leak.from} to ${leak.to} in ${formatDuration(leak.windowMs / 1000)}.`;
  }
  return undefined;
}

function said(value: number | null): string {
  return value === null ? 'not exposed' : String(value);
}
