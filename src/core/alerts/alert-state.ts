import type { Threshold } from '../health/signal';
import type { AlertPolicy } from './alert-policy';
import type { Observation } from './observation';

export type AlertSeverity = 'warning' | 'critical';

/** Where one alert stands. Times in ms since the epoch; undefined where it is not so. */
export interface AlertState {
  /** Told as this; undefined while nothing is told. */
  readonly firing: AlertSeverity | undefined;
  /** Since when it has been at least a warning, critical, or better than what is told, without a break. */
  readonly warningSince: number | undefined;
  readonly criticalSince: number | undefined;
  readonly betterSince: number | undefined;
  /** Since when nobody can say. */
  readonly unknownSince: number | undefined;
  readonly lastAt: number;
  /** While it is told: the worst level that its own number was beyond. What was bad for another reason has no margin. */
  readonly beyond: Level;
}

export type AlertChange = 'opened' | 'worsened' | 'improved' | 'cleared';

export interface AlertStep {
  readonly state: AlertState;
  readonly change: AlertChange | undefined;
}

/** Nothing seen for longer than this is a gap: a sleep, a pause of the polls. What lasts is counted anew then. In ms. */
export const longestGapMs = 90_000;

type Level = 0 | 1 | 2;

/** Without a unit the margin is a part of the threshold. */
type Seen = Pick<Observation, 'severity' | 'value' | 'threshold'> & Partial<Pick<Observation, 'unit'>>;

/**
 * One observation further. Pure: the same observations give the same changes. What is unknown opens nothing and ends
 * nothing; a gap or a clock that was set back proves nothing about the time in between.
 */
export function stepAlert(before: AlertState | undefined, seen: Seen, policy: AlertPolicy, now: number): AlertStep {
  const last = before ?? quiet(now);
  const broken = now < last.lastAt || now - last.lastAt > longestGapMs;
  const state = broken ? { ...last, warningSince: undefined, criticalSince: undefined, betterSince: undefined } : last;
  if (seen.severity === 'unknown') {
    // What was about to open must be seen anew without a break; what is told stays told.
    const paused = { ...state, warningSince: undefined, criticalSince: undefined, betterSince: undefined };
    return { state: { ...paused, unknownSince: state.unknownSince ?? now, lastAt: now }, change: undefined };
  }
  const level = levelOf(seen, state, policy);
  const told: Level = state.firing === 'critical' ? 2 : state.firing === 'warning' ? 1 : 0;
  const next: AlertState = {
    firing: state.firing,
    warningSince: level >= 1 ? (state.warningSince ?? now) : undefined,
    criticalSince: level === 2 ? (state.criticalSince ?? now) : undefined,
    betterSince: level < told ? (state.betterSince ?? now) : undefined,
    unknownSince: undefined,
    lastAt: now,
    beyond: Math.max(state.beyond, levelOfValue(seen)) as Level,
  };
  const lasted = (since: number | undefined, ms: number): boolean => since !== undefined && now - since >= ms;
  if (told < 2 && lasted(next.criticalSince, policy.criticalForMs)) {
    return { state: { ...next, firing: 'critical' }, change: told === 0 ? 'opened' : 'worsened' };
  }
  if (told === 0 && lasted(next.warningSince, policy.warningForMs)) {
    return { state: { ...next, firing: 'warning' }, change: 'opened' };
  }
  if (lasted(next.betterSince, policy.clearForMs)) {
    const firing = level === 1 ? ('warning' as const) : undefined;
    const beyond = Math.min(next.beyond, level) as Level;
    return { state: { ...next, firing, betterSince: undefined, beyond }, change: firing ? 'improved' : 'cleared' };
  }
  return { state: next, change: undefined };
}

function quiet(now: number): AlertState {
  const never = { warningSince: undefined, criticalSince: undefined, betterSince: undefined };
  return { firing: undefined, ...never, unknownSince: undefined, lastAt: now, beyond: 0 };
}

/** How bad it is; what is told stays so bad until the value has left the level that it was beyond by the margin. */
function levelOf(
  { severity, value, threshold, unit }: Seen,
  { firing, beyond }: AlertState,
  { margin }: AlertPolicy,
): Level {
  const level: Level = severity === 'critical' ? 2 : severity === 'warning' ? 1 : 0;
  if (firing === undefined || threshold === null || value === null) return level;
  const stillBeyond = (at: number): boolean => isBeyond(value, threshold, at, margin * roomAt(at, threshold, unit));
  if (firing === 'critical' && beyond === 2 && stillBeyond(threshold.critical)) return 2;
  return level === 0 && beyond >= 1 && stillBeyond(threshold.warning) ? 1 : level;
}

function levelOfValue({ value, threshold }: Seen): Level {
  if (value === null || threshold === null) return 0;
  return isBeyond(value, threshold, threshold.critical, 0)
    ? 2
    : isBeyond(value, threshold, threshold.warning, 0)
      ? 1
      : 0;
}

function isBeyond(value: number, { direction }: Threshold, at: number, slack: number): boolean {
  return direction === 'above' ? value > at - slack : value < at + slack;
}

/** What the margin is a part of. A ratio that is too low can rise to 1 at most: a tenth of 98 % above it is never reached. */
function roomAt(at: number, { direction }: Threshold, unit: Seen['unit']): number {
  return direction === 'below' && unit === 'ratio' ? Math.max(0, 1 - at) : Math.abs(at);
}
