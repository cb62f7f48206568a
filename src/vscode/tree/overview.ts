import type { ConnectionProfile } from '../../core/connection/profile';
import type { Status } from '../../core/health/status';
import type { ServerSnapshot } from '../../core/monitor/snapshot';
import { formatCount } from '../../core/format/quantities';
import { statusWords } from './item-model';
import { oneLine } from './plain-text';

/** What the badge and the status bar item show of all connections. */
export interface Overview {
  /** Counts the connections that are critical or unreachable; undefined when none is. */
  readonly badge: { readonly value: number; readonly tooltip: string } | undefined;
  /** With codicons; names in it are escaped. */
  readonly text: string;
  readonly tooltip: string;
  readonly label: string;
  /** A theme color id. */
  readonly background: string | undefined;
}

interface Watched {
  readonly profile: ConnectionProfile;
  readonly snapshot: ServerSnapshot;
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

/** The worst of all connections in words. While polling rests nothing is called ok, and nothing is alarmed about. */
export function overview(all: readonly Watched[], polling: boolean): Overview {
  const watched = all.filter(({ snapshot }) => snapshot.watched);
  const lines = all.map(
    ({ profile, snapshot: { watched: on, status, statusReason } }) =>
      `${oneLine(profile.name, 60)}: ${on ? `${statusWords[status]}. ${oneLine(statusReason, 200)}` : 'not connected'}`,
  );
  const worst = [...watched].sort((a, b) => order.indexOf(b.snapshot.status) - order.indexOf(a.snapshot.status))[0];
  const say = (icon: string, words: string, first: readonly string[] = []): Omit<Overview, 'badge' | 'background'> => ({
    text: `$(${icon}) DB Ops: ${escapeIcons(words)}`,
    tooltip: [...first, ...lines].join('\n'),
    label: `DB Ops: ${words}`,
  });
  const bad = watched.filter(({ snapshot }) => snapshot.status === 'critical' || snapshot.status === 'unreachable');
  const warned = watched.filter(({ snapshot }) => snapshot.status === 'warning');
  const badge =
    bad.length === 0
      ? undefined
      : {
          value: bad.length,
          tooltip: `${bad.length} critical or unreachable${warned.length === 0 ? '' : `, ${formatCount(warned.length, 'warning')}`}`,
        };
  if (!worst) return { badge, background: undefined, ...say('database', 'not connected') };
  if (!polling) {
    const why = 'Reading rests while the view is hidden; the setting "Polling: In Background" keeps it going.';
    return { badge, background: undefined, ...say('debug-pause', 'paused', [why]) };
  }
  const { status } = worst.snapshot;
  const words = status === 'ok' ? 'ok' : worstWords(watched, worst);
  const grave = bad.length > 0;
  return {
    badge,
    background: grave
      ? 'statusBarItem.errorBackground'
      : status === 'warning' || status === 'stale'
        ? 'statusBarItem.warningBackground'
        : undefined,
    ...say(grave ? 'error' : status === 'warning' || status === 'stale' ? 'warning' : 'database', words),
  };
}

/** The worst by its name when it is alone, else counted; then what else is grave. */
function worstWords(watched: readonly Watched[], worst: Watched): string {
  const { status } = worst.snapshot;
  const count = (of: Status): number => watched.filter(({ snapshot }) => snapshot.status === of).length;
  const alike = count(status);
  const first =
    alike > 1 ? `${alike} ${statusWords[status]}` : `${oneLine(worst.profile.name, 30)} ${statusWords[status]}`;
  const critical = status === 'unreachable' ? count('critical') : 0;
  return critical > 0 ? `${first}, ${critical} critical` : first;
}

/** The status bar draws `$(name)` as an icon; a name that looks like one stays text. */
function escapeIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}
