import { resolutionFor, resolutionMs, type HistoryPoint, type HistoryStore, type SeriesKey } from './history-store';

/**
 * What is known of a series since `from`, in the finest resolution that reaches back so far. Where the detail was given
 * up early for want of room, the coarse past stands before it.
 */
export function readHistory(
  store: Pick<HistoryStore, 'read'>,
  key: SeriesKey,
  from: number,
  now: number,
): readonly HistoryPoint[] {
  const resolution = resolutionFor(from, now);
  const points = store.read(key, from, now + 1, resolution);
  if (resolution !== 'raw') return points;
  const first = points[0]?.at ?? now;
  const stretch = resolutionMs['five minutes'];
  if (first - from < stretch) return points;
  const before = store.read(key, from, first, 'five minutes').filter(({ at }) => at + stretch <= first);
  return [...before, ...points];
}
