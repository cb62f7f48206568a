import { itemKinds } from '../../contributions';
import type { Severity } from '../../core/health/status';
import { groupTitles } from '../../core/monitor/build-snapshot';
import { groupAsShown } from '../../core/monitor/group-signal';
import type { ServerSnapshot, Signal } from '../../core/monitor/snapshot';
import type { SignalKind } from './element';
import { oneLine } from './plain-text';
import { ageText, severityIcons, statusIcons, type Icon, type ItemModel } from './item-model';

export const signalTitles: Readonly<Record<SignalKind, string>> = groupTitles;

export function signalOf(snapshot: ServerSnapshot, kind: SignalKind): Signal<unknown> {
  return groupAsShown(snapshot, kind);
}

/** The reading is there and not overdue. */
export function isCurrent(signal: Signal<unknown>): boolean {
  return signal.reading.kind === 'value' && !signal.reading.stale;
}

/** The value, current or last known; undefined when there never was one. */
export function lastKnown<T>({ reading }: Signal<T>): T | undefined {
  if (reading.kind === 'value') return reading.value;
  return 'last' in reading ? reading.last.value : undefined;
}

/** ms since the epoch of what is shown. */
export function shownAt({ reading }: Signal<unknown>): number | undefined {
  if (reading.kind === 'value') return reading.at;
  return 'last' in reading ? reading.last.at : undefined;
}

const severityWords: Readonly<Record<Severity, string>> = {
  ok: 'ok',
  warning: 'warning',
  critical: 'critical',
  unknown: 'unknown',
};

/** The state of the reading in words. */
export function stateWords(signal: Signal<unknown>): string {
  switch (signal.reading.kind) {
    case 'value':
      return signal.reading.stale ? 'stale' : severityWords[signal.evaluation.severity];
    case 'pending':
      return 'not read yet';
    case 'denied':
      return 'not permitted';
    case 'skipped':
      return 'skipped';
    case 'failed':
      return 'not readable now';
  }
}

function signalIcon(signal: Signal<unknown>): Icon {
  if (isCurrent(signal)) return severityIcons[signal.evaluation.severity];
  switch (signal.reading.kind) {
    case 'pending':
      return statusIcons.connecting;
    case 'denied':
      return { id: 'lock', color: 'disabledForeground' };
    default:
      return shownAt(signal) === undefined ? statusIcons.unknown : statusIcons.stale;
  }
}

/** One part of a connection with the truth of its reading. What is not current stands behind its age. `now` in ms. */
export function signalItem(kind: SignalKind, signal: Signal<unknown>, now: number): ItemModel {
  const at = shownAt(signal);
  // Names of slots, applications and scripts stand in it.
  const summary = oneLine(signal.evaluation.summary, 200);
  const words = stateWords(signal);
  const description = isCurrent(signal) || at === undefined ? summary : `${ageText(at, now)}: ${summary}`;
  return {
    label: signalTitles[kind],
    description,
    icon: signalIcon(signal),
    accessibleLabel: [signalTitles[kind], words, ...(description === words ? [] : [description])].join(', '),
    contextValue: itemKinds[kind],
  };
}
