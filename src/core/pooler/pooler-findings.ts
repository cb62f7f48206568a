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

/** One finding for each pool; its value is how long the first client in the queue has waited. */
export function poolerFinding({ pool, evaluation }: PoolerItem, thresholds = defaultPoolerThresholds): Finding {
  return {
    signal: 'pgbouncer.wait',
    subject: `${pool.database}/${pool.user}`,
    value: pool.maxWaitS,
    unit: 's',
    severity: evaluation.severity,
    words: `pgbouncer · ${evaluation.summary}`,
    lines: evaluation.lines,
    threshold: { ...thresholds.waitS, direction: 'above' },
  };
}

/** What history keeps of a pool beside its finding. */
export function poolerNumbers({ pool }: PoolerItem): readonly NumericSignal[] {
  const subject = `${pool.database}/${pool.user}`;
  const count = (signal: string, value: number | null): NumericSignal => ({ signal, subject, value, unit: 'count' });
  return [
    count('pgbouncer.waiting', pool.clientsWaiting),
    count('pgbouncer.active', pool.serversActive),
    count('pgbouncer.clients', pool.clientsActive),
  ];
}
