import { formatDuration } from '../format/quantities';
import { formatValue } from '../format/values';
import type { Unit } from '../health/signal';
import type { HistoryStore, SeriesKey } from './history-store';
import { readHistory } from './read-history';
import { extremes, sparkline } from './sparkline';
import { sizeTrend } from './size-trend';
import { growthText } from './trend';

const dayMs = 86_400_000;

/** How a number went in the last day, for a hover; for sizes also how it grows. Empty where too little is known. */
export function pastLines(
  store: HistoryStore,
  key: SeriesKey,
  unit: Unit,
  now: number,
  capacityBytes: number | null = null,
): readonly string[] {
  const points = readHistory(store, key, now - dayMs, now);
  const range = extremes(points);
  if (!range || points.length < 2) return [];
  const text = (value: number): string => formatValue(value, unit);
  const lines = [`Last 24 h: ${sparkline(points, now - dayMs, now)} ${text(range.min)} to ${text(range.max)}`];
  if (unit === 'bytes') {
    const trend = sizeTrend(store, key, now);
    if (trend) lines.push(`Over ${formatDuration(trend.overMs / 1000)} it ${growthText(trend, capacityBytes)}.`);
  }
  return lines;
}
