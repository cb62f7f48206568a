import { formatCount, formatDuration } from '../format/quantities';
import type { LockSession, LockState } from './blocking';
import type { Evaluation } from './evaluation';
import { grade, worst } from './severity';
import { defaultThresholds, ownNote, type Thresholds } from './thresholds';

/** What the blocking graph means: anyone who waits is at least a warning once the wait is known to be long. */
export function evaluateLocks(state: LockState, thresholds: Thresholds = defaultThresholds): Evaluation {
  const { lockWaitS } = thresholds;
  const limits = `Warning when a session has waited for more than ${formatDuration(lockWaitS.warning)}, critical above ${formatDuration(lockWaitS.critical)}${ownNote(lockWaitS)}.`;
  const limited = state.limited
    ? ['Limited view: this role does not see what other sessions do. Grant pg_monitor.']
    : [];
  if (state.waiting === 0) {
    return {
      severity: 'ok',
      summary: state.limited ? 'nobody waits · limited view' : 'nobody waits',
      lines: ['No session waits for a lock.', limits, ...limited],
    };
  }
  const wait = longestWait(state);
  const severity = worst(wait === null ? 'warning' : grade(wait, lockWaitS), state.limited ? 'unknown' : 'ok');
  const root = state.sessions.get(state.roots[0] ?? -1);
  const summary = [`${state.waiting} blocked`];
  if (wait !== null) summary.push(formatDuration(wait));
  if (root) summary.push(`root ${rootName(root)}`);
  if (state.limited) summary.push('limited view');
  const lines = [
    `${formatCount(state.waiting, 'session')} ${state.waiting === 1 ? 'waits' : 'wait'} for a lock, the longest ${wait === null ? 'for an unknown time' : formatDuration(wait)}.`,
    ...(root ? [`The root ${rootName(root)} holds up ${formatCount(root.holdsUp, 'session')}.`] : []),
    ...(state.truncated
      ? ['More sessions wait than are followed here: the graph shows those that have waited the longest.']
      : []),
    ...(state.longestWaitS === null
      ? ['This server does not tell since when a session waits (14 and later do); the age of its statement is shown.']
      : []),
    limits,
    ...limited,
  ];
  return { severity, summary: summary.join(' · '), lines };
}

function rootName(root: LockSession): string {
  if (root.pid === 0) return `prepared transaction ${root.preparedTransactions?.join(', ') ?? ''}`.trim();
  return `${root.pid} ${root.state === 'idle in transaction' ? 'idle in tx' : (root.state ?? 'state unknown')}`;
}

/**
 * For how long somebody has waited for a lock, in s; 0 when nobody waits, null when it is hidden. Before 14 the server does
 * not say since when: it is the age of the oldest statement that waits then, the upper bound.
 */
export function longestWait(state: LockState): number | null {
  if (state.waiting === 0) return 0;
  return state.longestWaitS ?? longestQuery(state);
}

function longestQuery(state: LockState): number | null {
  const ages = [...state.sessions.values()].filter((session) => session.waits).map((session) => session.queryAgeS);
  const known = ages.filter((age) => age !== null);
  return known.length === 0 ? null : Math.max(...known);
}
