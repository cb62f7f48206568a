import type { Finding, FindingSeverity, Threshold, Unit } from './signal';

/** Where a value stands against its limits; null is unknown. At the limit itself it is not beyond it yet. */
export function gradeBeyond(value: number | null, threshold: Threshold): FindingSeverity {
  if (value === null) return 'unknown';
  const beyond = (limit: number): boolean => (threshold.direction === 'above' ? value > limit : value < limit);
  if (beyond(threshold.critical)) return 'critical';
  return beyond(threshold.warning) ? 'warning' : 'ok';
}

export function above(warning: number, critical: number): Threshold {
  return { warning, critical, direction: 'above' };
}

export function below(warning: number, critical: number): Threshold {
  return { warning, critical, direction: 'below' };
}

/** What a finding says beside its number. */
interface Said {
  readonly words: string;
  readonly lines?: readonly string[];
  readonly change?: string;
  readonly detail?: boolean;
  /** Decides instead of the limits. */
  readonly severity?: FindingSeverity;
}

/** A number and where it stands against its limits. */
export function measured(
  signal: string,
  subject: string,
  value: number | null,
  unit: Unit,
  threshold: Threshold | null,
  said: Said,
): Finding {
  const graded = threshold === null ? 'ok' : gradeBeyond(value, threshold);
  return { signal, subject, value, unit, threshold, lines: [], ...said, severity: said.severity ?? graded };
}

/** A fact that is no matter of a number; its value counts it. */
export function stated(
  signal: string,
  subject: string,
  severity: FindingSeverity,
  said: Omit<Said, 'severity'>,
): Finding {
  return { signal, subject, value: 1, unit: 'count', threshold: null, lines: [], ...said, severity };
}

/** Nothing was found; the value is a true 0. */
export function nothingFound(signal: string, words: string): Finding {
  return { signal, subject: '', value: 0, unit: 'count', threshold: null, severity: 'ok', words, lines: [] };
}
