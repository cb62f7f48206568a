import type { Finding, NumericSignal, SignalAbout } from '../health/signal';
import type { PoolerItem } from './pooler-evaluation';
import { defaultPoolerThresholds } from './pooler-evaluation';

export const pgbouncerAbout: SignalAbout = {
  id: 'pgbouncer',
  group: 'pool',
  title: 'PgBouncer',
  explanation:
    'Clients wait when every server connection of their pool is at work or their database is paused; what the connections do tells why.',
  runbook: 'pool-exhaustion',
  tierMs: 5000,
};

/**
 * One finding for each pool; its value is how long the first client in the queue has waited.
 * @param name of the pooler: several may serve the same databases
 */
export function poolerFinding(
  name: string,
  { pool, evaluation }: PoolerItem,
  thresholds = defaultPoolerThresholds,
): Finding {
  return {
    signal: 'pgbouncer.wait',
    subject: subjectOf(name, pool),
    value: pool.maxWaitS,
    unit: 's',
    severity: evaluation.severity,
    words: `${name} · ${evaluation.summary}`,
    lines: evaluation.lines,
    threshold: { ...thresholds.waitS, direction: 'above' },
  };
}

/** What history keeps of a pool beside its finding. */
export function poolerNumbers(name: string, { pool }: PoolerItem): readonly NumericSignal[] {
  const subject = subjectOf(name, pool);
  const count = (signal: string, value: number | null): NumericSignal => ({ signal, subject, value, unit: 'count' });
  return [
    count('pgbouncer.waiting', pool.clientsWaiting),
    count('pgbouncer.active', pool.serversActive),
    count('pgbouncer.clients', pool.clientsActive),
  ];
}

/** A pooler that answers and has served nobody yet: PgBouncer makes a pool for its first client. */
export function withoutPools(name: string): Finding {
  return {
    signal: 'pgbouncer.wait',
    subject: name,
    value: null,
    unit: 's',
    severity: 'ok',
    words: `${name} · no pool yet`,
    lines: ['The pooler answers. It makes a pool when its first client comes.'],
    threshold: null,
  };
}

function subjectOf(name: string, pool: PoolerItem['pool']): string {
  return `${name} ${pool.database}/${pool.user}`;
}
