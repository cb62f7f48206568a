import type { ConnectionProfile } from '../../core/connection/profile';
import type { Status } from '../../core/health/status';
import type { ServerSnapshot } from '../../core/monitor/snapshot';

/** What the badge and the status bar item show of all connections. */
export interface Overview {
  /** Counts what is critical or unreachable; undefined when nothing is. */
  readonly badge: { readonly value: number; readonly tooltip: string } | undefined;
  readonly text: string;
  readonly tooltip: string;
  readonly label: string;
  /** A theme color id. */
  readonly background: string | undefined;
}

const order: readonly Status[] = [
  'ok',
  'limited',
  'connecting',
  'unknown',
  'stale',
  'warning',
  'critical',
  'unreachable',
];

/** The worst of all connections in words. While polling rests, nothing is called ok: it was, when last read. */
export function overview(
  all: readonly { profile: ConnectionProfile; snapshot: ServerSnapshot }[],
  polling: boolean,
): Overview {
  const watched = all.filter(({ snapshot }) => !(snapshot.status === 'unknown' && snapshot.latencyMs === null));
  const bad = watched.filter(({ snapshot }) => snapshot.status === 'critical' || snapshot.status === 'unreachable');
  const warned = watched.filter(({ snapshot }) => snapshot.status === 'warning');
  const lines = all.map(({ profile, snapshot }) => `${profile.name}: ${snapshot.status}. ${snapshot.statusReason}`);
  const badge =
    bad.length === 0
      ? undefined
      : { value: bad.length, tooltip: `${bad.length} critical, ${warned.length} with warnings` };
  if (watched.length === 0) {
    return {
      badge,
      text: '$(database) DB Ops: not connected',
      tooltip: lines.join('\n'),
      label: 'DB Ops, not connected',
      background: undefined,
    };
  }
  if (!polling) {
    const tooltip = [
      'Paused while the view is hidden; the setting dbOps.polling.inBackground keeps it reading.',
      ...lines,
    ].join('\n');
    return {
      badge,
      text: '$(debug-pause) DB Ops: paused',
      tooltip,
      label: 'DB Ops, paused while the view is hidden',
      background: undefined,
    };
  }
  const worst = watched.reduce((a, b) => (order.indexOf(b.snapshot.status) > order.indexOf(a.snapshot.status) ? b : a));
  const { status } = worst.snapshot;
  const others = [...bad, ...warned].length - 1;
  const words = status === 'ok' ? 'ok' : `${worst.profile.name} ${status}${others > 0 ? ` +${others}` : ''}`;
  const icon =
    status === 'ok'
      ? '$(database)'
      : status === 'critical' || status === 'unreachable'
        ? '$(error)'
        : status === 'warning'
          ? '$(warning)'
          : '$(database)';
  const background =
    icon === '$(error)'
      ? 'statusBarItem.errorBackground'
      : status === 'warning'
        ? 'statusBarItem.warningBackground'
        : undefined;
  return { badge, text: `${icon} DB Ops: ${words}`, tooltip: lines.join('\n'), label: `DB Ops, ${words}`, background };
}
