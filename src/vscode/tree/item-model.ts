import { formatDuration } from '../../core/format/quantities';
import type { Severity, Status } from '../../core/health/status';

/** A codicon and a theme color. */
export interface Icon {
  readonly id: string;
  readonly color?: string;
}

/** A tree item before VS Code: plain values, so that what a person sees can be tested without it. */
export interface ItemModel {
  readonly label: string;
  readonly description: string;
  /** The state stands in the words too, never in the color alone. */
  readonly icon: Icon;
  /** What a screen reader says. */
  readonly accessibleLabel: string;
  readonly contextValue: string;
}

const quiet = 'disabledForeground';

export const statusIcons: Readonly<Record<Status, Icon>> = {
  ok: { id: 'pass', color: 'testing.iconPassed' },
  warning: { id: 'warning', color: 'list.warningForeground' },
  critical: { id: 'error', color: 'list.errorForeground' },
  unreachable: { id: 'circle-slash', color: 'list.errorForeground' },
  connecting: { id: 'loading~spin' },
  stale: { id: 'history', color: 'list.warningForeground' },
  limited: { id: 'eye-closed', color: quiet },
  unknown: { id: 'question', color: quiet },
};

export const severityIcons: Readonly<Record<Severity, Icon>> = {
  ok: statusIcons.ok,
  warning: statusIcons.warning,
  critical: statusIcons.critical,
  unknown: statusIcons.unknown,
};

/** A connection that is not watched. */
export const offlineIcon: Icon = { id: 'circle-outline', color: quiet };

export const statusWords: Readonly<Record<Status, string>> = {
  ok: 'ok',
  warning: 'warning',
  critical: 'critical',
  unreachable: 'unreachable',
  connecting: 'connecting',
  stale: 'stale',
  limited: 'limited view',
  unknown: 'unknown',
};

/** How old something read at `at` (ms) is at `now` (ms): `12 s ago`. */
export function ageText(at: number, now: number): string {
  return `${formatDuration(Math.floor(Math.max(0, now - at) / 1000))} ago`;
}
