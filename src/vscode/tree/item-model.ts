import type { LockSession } from '../../core/health/blocking';
import type { Evaluation } from '../../core/health/evaluation';
import { evaluateReceiver, evaluateStandby } from '../../core/health/replication-evaluation';
import type { Severity, Status } from '../../core/health/status';
import type { ConnectionProfile } from '../../core/connection/profile';
import { formatTarget } from '../../core/connection/display';
import { formatBytes, formatCount, formatDuration } from '../../core/format/quantities';
import type { ServerSnapshot, Signal } from '../../core/monitor/snapshot';
import { itemKinds } from '../../contributions';
import type { TreeElement } from './element';

/** A tree item before VS Code: plain values, so that what a person sees can be tested without it. */
export interface ItemModel {
  readonly label: string;
  readonly description: string;
  /** A codicon and a theme color; the state stands in the words too. */
  readonly icon: { readonly id: string; readonly color?: string };
  /** Plain lines, the first one the headline. */
  readonly tooltip: readonly string[];
  readonly accessibleLabel: string;
  readonly contextValue: string;
  readonly expandable: boolean;
}

const statusIcons: Readonly<Record<Status, { id: string; color?: string }>> = {
  ok: { id: 'pass', color: 'testing.iconPassed' },
  warning: { id: 'warning', color: 'list.warningForeground' },
  critical: { id: 'error', color: 'list.errorForeground' },
  unreachable: { id: 'debug-disconnect', color: 'list.errorForeground' },
  connecting: { id: 'loading~spin' },
  stale: { id: 'history', color: 'list.warningForeground' },
  limited: { id: 'eye-closed', color: 'disabledForeground' },
  unknown: { id: 'circle-outline', color: 'disabledForeground' },
};

const severityIcons: Readonly<Record<Severity, { id: string; color?: string }>> = {
  ok: statusIcons.ok,
  warning: statusIcons.warning,
  critical: statusIcons.critical,
  unknown: { id: 'question', color: 'disabledForeground' },
};

const statusWords: Readonly<Record<Status, string>> = {
  ok: 'ok',
  warning: 'warning',
  critical: 'critical',
  unreachable: 'unreachable',
  connecting: 'connecting',
  stale: 'stale',
  limited: 'limited view',
  unknown: 'unknown',
};

const severityWords: Readonly<Record<Severity, string>> = {
  ok: 'ok',
  warning: 'warning',
  critical: 'critical',
  unknown: 'unknown',
};

/** How old something read at `at` (ms) is. */
export function ageText(at: number, now: number): string {
  return `${formatDuration(Math.floor((now - at) / 1000))} ago`;
}

export function connectionItem(profile: ConnectionProfile, snapshot: ServerSnapshot, now: number): ItemModel {
  const online = !['unknown', 'unreachable'].includes(snapshot.status) || snapshot.latencyMs !== null;
  const offline = snapshot.status === 'unknown' && snapshot.latencyMs === null;
  const parts: string[] = [];
  if (snapshot.status === 'unreachable') {
    parts.push(
      'unreachable',
      snapshot.lastSeen === null ? 'never seen' : `last seen ${ageText(snapshot.lastSeen, now)}`,
    );
  } else if (offline) parts.push('not connected');
  else if (snapshot.status === 'connecting') parts.push('connecting…');
  else {
    if (snapshot.role !== null) parts.push(snapshot.role);
    if (snapshot.version !== null) parts.push(snapshot.version);
    if (snapshot.status === 'stale')
      parts.push(snapshot.lastSeen === null ? 'stale' : `stale · read ${ageText(snapshot.lastSeen, now)}`);
    else if (snapshot.latencyMs !== null) parts.push(`${Math.round(snapshot.latencyMs)} ms`);
    parts.push(...counted(snapshot));
  }
  if (profile.environment === 'production') parts.push('production');
  const tooltip = [
    profile.name,
    `${statusWords[snapshot.status]}: ${snapshot.statusReason}`,
    ...(snapshot.remedy === undefined ? [] : [snapshot.remedy]),
    `${formatTarget(profile.target)} · ${profile.environment}${profile.readOnly ? ' · read-only' : ''}`,
    ...(snapshot.lastSeen === null ? [] : [`Last read ${ageText(snapshot.lastSeen, now)}.`]),
  ];
  return {
    label: profile.name,
    description: parts.join(' · '),
    icon: statusIcons[snapshot.status],
    tooltip,
    accessibleLabel: `${profile.name}, ${statusWords[snapshot.status]}, ${parts.join(', ')}`,
    contextValue: online ? itemKinds.connectionOnline : itemKinds.connectionOffline,
    expandable: !offline,
  };
}

function counted(snapshot: ServerSnapshot): string[] {
  const severities = [snapshot.sessions, snapshot.replication, snapshot.locks, snapshot.size].map(
    (signal) => signal.evaluation.severity,
  );
  const critical = severities.filter((severity) => severity === 'critical').length;
  const warnings = severities.filter((severity) => severity === 'warning').length;
  return [
    ...(critical > 0 ? [`${critical} critical`] : []),
    ...(warnings > 0 ? [formatCount(warnings, 'warning')] : []),
    ...(snapshot.limited ? ['limited view'] : []),
  ];
}

const signalTitles = { pool: 'Pool', replication: 'Replication', locks: 'Locks', size: 'Size' } as const;

/** One of the four signals, with the truth of its reading: pending, current, stale, denied, skipped or lost. */
export function signalItem(
  kind: keyof typeof signalTitles,
  signal: Signal<unknown>,
  expandable: boolean,
  now: number,
): ItemModel {
  const { reading, evaluation } = signal;
  const age = reading.kind === 'value' ? reading.at : 'last' in reading ? reading.last.at : undefined;
  const current = reading.kind === 'value' && !reading.stale;
  const words = current
    ? severityWords[evaluation.severity]
    : reading.kind === 'value'
      ? 'stale'
      : readingWords[reading.kind];
  const description = current || age === undefined ? evaluation.summary : `${ageText(age, now)}: ${evaluation.summary}`;
  return {
    label: signalTitles[kind],
    description,
    icon: current
      ? severityIcons[evaluation.severity]
      : reading.kind === 'pending'
        ? { id: 'loading~spin' }
        : age === undefined
          ? severityIcons.unknown
          : statusIcons.stale,
    tooltip: [
      `${signalTitles[kind]}: ${words}`,
      ...evaluation.lines,
      ...(age === undefined ? [] : [`Read ${ageText(age, now)}.`]),
    ],
    accessibleLabel: `${signalTitles[kind]}, ${words}, ${description}`,
    contextValue: itemKinds[kind],
    expandable,
  };
}

const readingWords = {
  pending: 'reading',
  denied: 'not permitted',
  skipped: 'skipped',
  failed: 'not readable',
} as const;

/** The parts below a signal. `current` is false when they are only what was last known. */
export function childItem(element: TreeElement, current: boolean, expandable: boolean, now: number): ItemModel {
  switch (element.kind) {
    case 'standby':
      return evaluated(element.standby.name, evaluateStandby(element.standby, now), itemKinds.standby, current);
    case 'receiver':
      return evaluated('WAL receiver', evaluateReceiver(element.receiver), itemKinds.standby, current);
    case 'lockSession':
      return lockItem(element.session, element.path, current, expandable);
    case 'table': {
      const { table } = element;
      const parts = `heap ${formatBytes(table.heapBytes)}, TOAST and maps ${formatBytes(table.toastBytes)}, indexes ${formatBytes(table.indexBytes)}`;
      return {
        label: `${table.schema}.${table.name}`,
        description: formatBytes(table.totalBytes),
        icon: { id: 'table' },
        tooltip: [`${table.schema}.${table.name}: ${formatBytes(table.totalBytes)}`, parts],
        accessibleLabel: `table ${table.schema}.${table.name}, ${formatBytes(table.totalBytes)}, ${parts}`,
        contextValue: itemKinds.table,
        expandable: false,
      };
    }
    default: {
      const text = element.kind === 'note' ? element.text : element.kind;
      return {
        label: text,
        description: '',
        icon: { id: 'info' },
        tooltip: [text],
        accessibleLabel: text,
        contextValue: 'note',
        expandable: false,
      };
    }
  }
}

function evaluated(label: string, evaluation: Evaluation, contextValue: string, current: boolean): ItemModel {
  const words = current ? severityWords[evaluation.severity] : 'last known';
  return {
    label,
    description: current ? evaluation.summary : `last known: ${evaluation.summary}`,
    icon: current ? severityIcons[evaluation.severity] : statusIcons.stale,
    tooltip: [`${label}: ${words}`, ...evaluation.lines],
    accessibleLabel: `${label}, ${words}, ${evaluation.summary}`,
    contextValue,
    expandable: false,
  };
}

function lockItem(session: LockSession, path: readonly number[], current: boolean, expandable: boolean): ItemModel {
  const again = session.blockedBy.length > 1 ? [`waits for ${formatCount(session.blockedBy.length, 'session')}`] : [];
  const query = firstLine(session.query);
  const state = session.waits
    ? [query, session.waitingS === null ? 'waits' : `waits ${formatDuration(session.waitingS)}`, ...again]
    : [session.application ?? '', stateText(session), `holds up ${session.holdsUp}`];
  if (session.waits && session.blocks.length > 0) state.push(`${session.holdsUp} behind it`);
  const label = session.pid === 0 ? 'prepared transaction' : String(session.pid);
  const description = [...(current ? [] : ['last known']), ...state.filter(Boolean)].join(' · ');
  const severity: Severity = session.waits ? 'warning' : 'critical';
  return {
    label,
    description,
    icon: !current
      ? statusIcons.stale
      : session.waits
        ? { id: 'watch', color: 'list.warningForeground' }
        : severityIcons[severity],
    tooltip: [
      session.pid === 0
        ? `Prepared transactions: ${session.preparedTransactions?.join(', ') ?? ''}`
        : `Session ${session.pid}${path.length === 1 ? ', root of the blocking graph' : ''}`,
      `${session.user ?? 'role hidden'}@${session.database ?? 'no database'} · ${session.application ?? ''} · ${session.clientAddress ?? 'local'}`,
      `${stateText(session)}${session.transactionAgeS === null ? '' : `, transaction open for ${formatDuration(session.transactionAgeS)}`}.`,
      ...(session.blockedBy.length > 0 ? [`Waits for ${session.blockedBy.join(', ')}.`] : []),
      ...(session.query === null ? [] : [session.query]),
    ],
    accessibleLabel: `${session.waits ? 'waiting' : 'blocking'} session ${label}, ${state.filter(Boolean).join(', ')}`,
    contextValue: session.pid === 0 || !current ? 'note' : itemKinds.lockSession,
    expandable,
  };
}

function stateText(session: LockSession): string {
  if (session.state === null) return session.pid === 0 ? 'prepared' : 'state hidden';
  return session.stateAgeS === null || session.state === 'active'
    ? session.state
    : `${session.state} ${formatDuration(session.stateAgeS)}`;
}

function firstLine(query: string | null): string {
  const line = (query ?? '').trim().replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
