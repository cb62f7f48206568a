import type { Evaluation } from '../health/evaluation';
import type { Finding, FindingSeverity, NumericSignal, SignalAbout, SignalOutcome } from '../health/signal';
import { worstFirst } from '../health/signal';
import type { ApplicationEndpoint } from './application-endpoint';
import type { ApplicationPool } from './application-pool';
import { defaultPoolThresholds, evaluatePool, type PoolPast, type PoolThresholds } from './pool-evaluation';
import { evaluateSizing, sizingPart, type Sizing } from './sizing';

/** How often applications are asked, in ms: HikariCP's own numbers are a second old at most. */
const tierMs = 5000;

export const hikariAbout: SignalAbout = {
  id: 'hikari',
  group: 'pool',
  title: 'Application pools (HikariCP)',
  explanation:
    'A full pool lets requests wait, then fail; the cause is most often a slow query, a lock or a connection that is not given back.',
  runbook: 'pool-exhaustion',
  tierMs,
};

export const sizingAbout: SignalAbout = {
  id: 'hikari-sizing',
  group: 'pool',
  title: 'Sizing of the pools',
  explanation:
    'All pools of all instances together must stay below 80 % of the usable slots, or full pools refuse each other.',
  runbook: 'pool-sizing',
  tierMs,
};

/** One finding for each pool: what is wrong with it is one matter. Its value is the part in use. */
export function poolFinding(
  endpoint: ApplicationEndpoint,
  pool: ApplicationPool,
  past: PoolPast,
  thresholds: PoolThresholds = defaultPoolThresholds,
): Finding {
  const evaluation = evaluatePool(pool, past, thresholds);
  const used = pool.active === null || !pool.max ? null : pool.active / pool.max;
  return {
    signal: 'hikari.used',
    subject: `${endpoint.name} ${pool.name}`,
    value: used,
    unit: 'ratio',
    severity: evaluation.severity,
    words: `${endpoint.name} · ${pool.name} ${evaluation.summary}`,
    lines: evaluation.lines,
    threshold: { ...thresholds.used, direction: 'above' },
  };
}

/** What history keeps of a pool beside its finding. */
export function poolNumbers(endpoint: ApplicationEndpoint, pool: ApplicationPool): readonly NumericSignal[] {
  const subject = `${endpoint.name} ${pool.name}`;
  const count = (signal: string, value: number | null): NumericSignal => ({ signal, subject, value, unit: 'count' });
  return [
    count('hikari.active', pool.active),
    count('hikari.idle', pool.idle),
    count('hikari.pending', pool.pending),
    count('hikari.timeouts', pool.timeouts),
  ];
}

export function sizingFinding(sizing: Sizing): Finding {
  const { severity, summary, lines } = evaluateSizing(sizing);
  const known = sizing.usable !== null && sizing.usable > 0 && sizing.unknown.length === 0;
  return {
    signal: 'hikari.sizing',
    subject: '',
    value: known && sizing.usable ? sizing.sum / sizing.usable : null,
    unit: 'ratio',
    severity,
    words: `pools may take ${summary}`,
    lines,
    threshold: { warning: sizingPart, critical: 1, direction: 'above' },
  };
}

/** An application that cannot be read: unknown, with the reason; not a fault of the database. */
export function unreadable(
  signal: string,
  name: string,
  message: string,
  severity: FindingSeverity = 'unknown',
): Finding {
  const words = `${name} not readable`;
  return { signal, subject: name, value: null, unit: 'count', severity, words, lines: [message], threshold: null };
}

/** An evaluation as a finding without a number. */
export function asFinding(signal: string, subject: string, { severity, summary, lines }: Evaluation): Finding {
  const words = subject === '' ? summary : `${subject} · ${summary}`;
  return { signal, subject, value: null, unit: 'count', severity, words, lines, threshold: null };
}

/** The outcome of a check that asks no database. `asked` says whom, for "explain this". */
export function sourceOutcome(
  about: SignalAbout,
  findings: readonly Finding[],
  at: number | null,
  asked: string,
  problem: string | null = null,
): SignalOutcome {
  return { about, sql: asked, at, problem, absent: null, findings: worstFirst(findings) };
}
