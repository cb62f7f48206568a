import type { Finding, SignalOutcome } from '../../../src/core/health/signal';

export function finding(values: Partial<Finding> = {}): Finding {
  return {
    ...{ signal: 'sessions.used', subject: '', value: null, unit: 'ratio', severity: 'critical' },
    ...{ words: '97/97 sessions', lines: [], threshold: null },
    ...values,
  };
}

/** One outcome of a check of the group `pool`. */
export function outcome(findings: readonly Finding[], values: Partial<SignalOutcome> = {}): SignalOutcome {
  const about = {
    id: 'sessions',
    group: 'pool',
    title: '',
    explanation: '',
    runbook: 'pool-exhaustion',
    tierMs: 5000,
  } as const;
  return { about, sql: '', at: 1, problem: null, absent: null, findings, ...values };
}
