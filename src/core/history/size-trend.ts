import type { HistoryStore, SeriesKey } from './history-store';
import { trendOf, type Trend } from './trend';

/** A trend is taken of so long a time, in ms: growth by week and weekend is in it twice. */
const trendMs = 14 * 86_400_000;

/** How a size grows, as far as the history reaches. */
export function sizeTrend(store: HistoryStore, key: SeriesKey, now: number): Trend | undefined {
  return trendOf(store.read(key, now - trendMs, now, store.memoryOnly === undefined ? 'hour' : 'raw'));
}
