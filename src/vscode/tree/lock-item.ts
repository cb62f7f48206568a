import { itemKinds } from '../../contributions';
import { formatDuration } from '../../core/format/quantities';
import type { LockSession } from '../../core/health/blocking';
import type { TreeElement } from './element';
import { statusIcons, type ItemModel } from './item-model';
import { oneLine } from './plain-text';

export type LockElement = Extract<TreeElement, { kind: 'lockSession' }>;

/** One session of the blocking graph. `current` is false when the graph is only what was last known. */
export function lockItem({ session, path, repeated }: LockElement, current: boolean): ItemModel {
  const label = sessionName(session);
  const parts = session.waits ? waiterParts(session) : rootParts(session);
  // The blocker it is drawn under stands above it; the others are named.
  const others = session.blockedBy.filter((pid) => !path.includes(pid));
  if (others.length > 0) parts.push(`also waits for ${pidList(others)}`);
  if (repeated) parts.push('shown above');
  const shown = [...(current ? [] : ['last known']), ...parts.filter((part) => part !== '')];
  return {
    label,
    description: shown.join(' · '),
    // How bad it is stands at Locks, which knows for how long they have waited.
    icon: !current ? statusIcons.stale : { id: session.waits ? 'watch' : 'lock', color: 'list.warningForeground' },
    accessibleLabel: [`${session.waits ? 'waiting session' : 'blocking session'} ${label}`, ...shown].join(', '),
    // Nothing may be ended by a graph that is not current; a prepared transaction has no session to end.
    contextValue: session.pid === 0 || !current ? 'lockSession.past' : itemKinds.lockSession,
  };
}

function waiterParts(session: LockSession): string[] {
  return [
    oneLine(queryOf(session) ?? '', 60) || oneLine(session.application ?? '', 40) || 'statement hidden',
    session.waitingS === null ? 'waits' : `waits ${formatDuration(session.waitingS)}`,
    ...(session.holdsUp > 0 ? [`${session.holdsUp} behind it`] : []),
  ];
}

function rootParts(session: LockSession): string[] {
  return [oneLine(session.application ?? '', 40), stateText(session), `holds up ${session.holdsUp}`];
}

/** What it is doing and, when it does nothing, for how long. */
export function stateText(session: LockSession): string {
  if (session.pid === 0) return 'prepared';
  if (session.state === null) return 'state hidden';
  const age = session.state === 'active' ? session.queryAgeS : session.stateAgeS;
  return age === null ? session.state : `${session.state} ${formatDuration(age)}`;
}

function sessionName(session: LockSession): string {
  if (session.pid !== 0) return String(session.pid);
  const names = (session.preparedTransactions ?? []).map((name) => oneLine(name, 40));
  return names.length === 0 ? 'prepared transaction' : `prepared ${names.join(', ')}`;
}

export function pidList(pids: readonly number[]): string {
  const shown = pids.slice(0, 5).map((pid) => (pid === 0 ? 'a prepared transaction' : String(pid)));
  return pids.length > 5 ? `${shown.join(', ')} and ${pids.length - 5} more` : shown.join(', ');
}

/** The statement, where the server shows it to this role. */
export function queryOf({ query }: LockSession): string | undefined {
  return query === null || query.trim() === '' || query === '<insufficient privilege>' ? undefined : query;
}
