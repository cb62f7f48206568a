import { formatCount, formatDuration } from '../format/quantities';
import type { Evaluation } from './evaluation';
import { grade, worst } from './severity';
import type { Severity } from './status';
import { defaultThresholds, ownNote, type Thresholds } from './thresholds';

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
    `${state.used} of ${state.usable} usable slots (${Math.round(part * 100)} %); warning above ${Math.round(sessionsUsed.warning * 100)} %, critical above ${Math.round(sessionsUsed.critical * 100)} %${ownNote(sessionsUsed)}.`,
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
      `Longest idle in transaction: ${formatDuration(state.oldestIdleInTransactionS)}; warning above ${formatDuration(idleInTransactionS.warning)}, critical above ${formatDuration(idleInTransactionS.critical)}${ownNote(idleInTransactionS)}.`,
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
