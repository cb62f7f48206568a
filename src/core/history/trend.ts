import { formatBytes, formatDays, formatDuration } from '../format/quantities';
import type { HistoryPoint } from './history-store';

const dayMs = 86_400_000;

/** Less than this tells nothing about a day. In ms and points. */
const shortestMs = 6 * 3_600_000;
const leastPoints = 6;
/** The slopes between all pairs of these are compared. */
const mostPoints = 200;

/** How a number grows. */
export interface Trend {
  /** Units a day; negative when it shrinks. */
  readonly perDay: number;
  /** Over how long it was seen, in ms. */
  readonly overMs: number;
  /** The latest value. */
  readonly last: number;
}

/**
 * The median of the slopes between all pairs of points (Theil and Sen): one cleaning or one bulk load does not bend it.
 * Undefined where too little is known to say.
 */
export function trendOf(points: readonly HistoryPoint[]): Trend | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < leastPoints || last.at - first.at < shortestMs) return undefined;
  const step = Math.max(1, Math.ceil(points.length / mostPoints));
  const chosen = points.filter((_, index) => (points.length - 1 - index) % step === 0);
  const slopes: number[] = [];
  chosen.forEach((a, i) => {
    for (const b of chosen.slice(i + 1)) if (b.at > a.at) slopes.push((b.mean - a.mean) / (b.at - a.at));
  });
  slopes.sort((a, b) => a - b);
  const middle = slopes.length >> 1;
  const slope = slopes.length % 2 === 1 ? slopes[middle] : ((slopes[middle - 1] ?? 0) + (slopes[middle] ?? 0)) / 2;
  return { perDay: (slope ?? 0) * dayMs, overMs: last.at - first.at, last: last.mean };
}

/** Days until `capacity` is reached; 0 when it is, null when it does not grow. */
export function daysUntil({ perDay, last }: Trend, capacity: number): number | null {
  if (last >= capacity) return 0;
  return perDay > 0 ? (capacity - last) / perDay : null;
}

/** `grows 1.2 GB a day · full in 23 days`; capacity in bytes, null where it is not known. */
export function growthText(trend: Trend, capacity: number | null): string {
  const { perDay, overMs } = trend;
  // What is lost in the noise of a day is no growth.
  if (Math.abs(perDay) < 1) return `steady over ${formatDuration(overMs / 1000)}`;
  const growth = `${perDay > 0 ? 'grows' : 'shrinks'} ${formatBytes(Math.abs(perDay))} a day`;
  const days = capacity === null ? null : daysUntil(trend, capacity);
  if (days === null) return growth;
  if (days === 0) return `${growth} · full`;
  return `${growth} · full in ${formatDays(days)}`;
}
