import type { Threshold, Unit } from '../health/signal';
import { ownNote } from '../health/thresholds';
import { formatInteger, formatMilliseconds, formatPercent } from './numbers';
import { formatBytes, formatDays, formatDuration } from './quantities';

/** A value in its unit: `94 s`, `1.5 GB`, `81.0 %`. */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'bytes/day':
      return `${formatBytes(value)} a day`;
    case 's':
      return formatDuration(value);
    case 'ms':
      return formatMilliseconds(value);
    case 'ratio':
      // Several times a limit reads better than some hundred percent of it.
      return value > 2 ? `${value.toFixed(1)} times` : formatPercent(100 * value);
    case 'calls/s':
      return `${value.toFixed(value < 10 ? 1 : 0)} a second`;
    case 'days':
      return formatDays(value);
    case 'transactions':
      return `${formatInteger(value)} transactions`;
    case 'count':
      return formatInteger(value);
  }
}

/** "Warning above 30 s, critical above 5 min." A level that no value can pass is left out; limits of one's own say so. */
export function formatLimits(threshold: Threshold, unit: Unit): string {
  const { warning, critical, direction } = threshold;
  const never = direction === 'below' && critical <= 0;
  const grave = never ? '' : `, critical ${direction} ${formatValue(critical, unit)}`;
  return `Warning ${direction} ${formatValue(warning, unit)}${grave}${ownNote(threshold)}.`;
}
