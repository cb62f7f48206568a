import type { HistoryPoint } from './history-store';

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
/** Nothing was measured then: not the same as low. */
const gap = '·';

/**
 * A line of text that shows how a number went, from the lowest to the highest it was. Each place is the highest value of
 * its stretch of time, so that a short peak is seen.
 * @param from ms since the epoch; `to` is not included
 */
export function sparkline(points: readonly HistoryPoint[], from: number, to: number, width = 30): string {
  const places = new Array<number | undefined>(width).fill(undefined);
  for (const { at, max } of points) {
    const place = Math.floor(((at - from) / (to - from)) * width);
    if (place >= 0 && place < width) places[place] = Math.max(places[place] ?? -Infinity, max);
  }
  const known = places.filter((value) => value !== undefined);
  const low = Math.min(...known);
  const high = Math.max(...known);
  return places
    .map((value) => {
      if (value === undefined) return gap;
      if (high === low) return bars[0];
      return bars[Math.min(bars.length - 1, Math.floor(((value - low) / (high - low)) * bars.length))];
    })
    .join('');
}

/** The lowest and the highest of the points; undefined without any. */
export function extremes(points: readonly HistoryPoint[]): { readonly min: number; readonly max: number } | undefined {
  if (points.length === 0) return undefined;
  return {
    min: points.reduce((least, point) => Math.min(least, point.min), Infinity),
    max: points.reduce((most, point) => Math.max(most, point.max), -Infinity),
  };
}
