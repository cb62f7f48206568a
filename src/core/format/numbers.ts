import { formatDuration } from './quantities';

/** A whole number with groups of three: `1,234,567`. */
export function formatInteger(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Milliseconds with three digits at most, seconds and more in their own units: `0.012 ms`, `4.2 ms`, `12.3 s`, `3 h`. */
export function formatMilliseconds(ms: number): string {
  if (ms >= 120_000) return formatDuration(ms / 1000);
  if (ms >= 1000) return `${threeDigits(ms / 1000)} s`;
  return `${threeDigits(ms)} ms`;
}

/** One digit behind the point; what is above 0 but rounds to it says so: `47.5 %`, `< 0.1 %`. */
export function formatPercent(percent: number): string {
  if (percent > 0 && percent < 0.05) return '< 0.1 %';
  const rounded = percent.toFixed(1);
  return `${rounded === '-0.0' ? '0.0' : rounded} %`;
}

/** `3 h 20 min ago`. */
export function formatAge(seconds: number): string {
  return `${formatDuration(seconds)} ago`;
}

function threeDigits(value: number): string {
  if (value === 0) return '0';
  if (value < 0.001) return '< 0.001';
  if (value < 1) return String(Number(value.toFixed(3)));
  return String(Number(value.toPrecision(3)));
}
