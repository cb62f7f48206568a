import type { Finding, FindingSeverity, SignalAbout, SignalGroup } from '../../../src/core/health/signal';
import type { ServerSnapshot, ShownSignal, Signal } from '../../../src/core/monitor/snapshot';
import type { Reading, Severity } from '../../../src/core/health/status';

/** The present of these tests, in ms. */
export const now = 1_000_000;

export function signal<T>(reading: Reading<T>, severity: Severity = 'ok', summary = '3/97 sessions'): Signal<T> {
  return { reading, evaluation: { severity, summary, lines: [] } };
}

/** A primary that is watched and of which nothing was read yet. */
export function snapshot(changes: Partial<ServerSnapshot> = {}): ServerSnapshot {
  const pending = signal<never>({ kind: 'pending' });
  return {
    connectionId: 'c',
    watched: true,
    status: 'ok',
    statusReason: 'All readings are within their thresholds.',
    role: 'primary',
    version: '17.2',
    latencyMs: 3,
    lastSeen: now - 1000,
    limited: false,
    sessions: pending,
    replication: pending,
    locks: pending,
    size: pending,
    signals: [],
    ...changes,
  };
}

export function finding(words: string, severity: FindingSeverity = 'ok', changes: Partial<Finding> = {}): Finding {
  return {
    signal: `test.${words}`,
    subject: '',
    value: 1,
    unit: 'count',
    severity,
    words,
    lines: [],
    threshold: null,
    ...changes,
  };
}

/** A check that was read a second ago. */
export function shown(
  group: SignalGroup,
  findings: readonly Finding[],
  changes: Partial<ShownSignal> = {},
): ShownSignal {
  const about: SignalAbout = {
    id: 'test',
    group,
    title: 'Test',
    explanation: 'Why it matters.',
    runbook: 'vacuum',
    tierMs: 60_000,
  };
  return { about, sql: 'SELECT 1', at: now - 1000, problem: null, absent: null, findings, stale: false, ...changes };
}
