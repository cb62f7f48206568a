import type { Severity } from './status';
import type { Levels } from './thresholds';

const order: Readonly<Record<Severity, number>> = { ok: 0, unknown: 1, warning: 2, critical: 3 };

/** The worst of several; `unknown` is worse than `ok`, so that ignorance never looks green. */
export function worst(...severities: readonly Severity[]): Severity {
  return severities.reduce<Severity>((a, b) => (order[b] > order[a] ? b : a), 'ok');
}

/** Where a value stands; null is unknown. */
export function grade(value: number | null, levels: Levels): Severity {
  if (value === null) return 'unknown';
  if (value > levels.critical) return 'critical';
  return value > levels.warning ? 'warning' : 'ok';
}
