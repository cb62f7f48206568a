import type { Limits } from '../health/check-run';
import type { RunbookId, SignalGroup, SignalOutcome } from '../health/signal';
import { sourceOutcome } from '../pool/pool-findings';
import { fleetAbout, fleetFindings } from './fleet-findings';
import type { FleetServer } from './fleet';

/** What is reported of a server as checks of their own: each where a person looks for it, with its runbook. */
const parts: readonly (readonly [id: string, group: SignalGroup, runbook: RunbookId, signals: readonly string[]])[] = [
  ['prometheus-up', 'pool', 'database-unavailable', ['prometheus.up']],
  ['prometheus', 'pool', 'pool-exhaustion', ['prometheus.sessions']],
  ['prometheus-lag', 'replication', 'replication-lag', ['prometheus.lag', 'prometheus.lag-bytes']],
  ['prometheus-locks', 'locks', 'lock-contention', ['prometheus.deadlocks']],
  [
    'prometheus-queries',
    'queries',
    'pool-exhaustion',
    ['prometheus.long-transaction', 'prometheus.statements-mean', 'prometheus.statements-max'],
  ],
  ['prometheus-size', 'size', 'scaling', ['prometheus.size']],
];

/**
 * What an alert follows of a server. Of one that is not up, and of a metric that an exporter with errors leaves out,
 * nothing is known: that is a problem of the check, and no proof that all is well.
 * @param problem why the last answer is not current; null when it is
 */
export function fleetOutcomes(
  server: FleetServer,
  limits: Limits,
  at: number | null,
  asked: string,
  problem: string | null = null,
): readonly SignalOutcome[] {
  const all = fleetFindings(server, limits);
  return parts.map(([id, group, runbook, signals]) => {
    const findings = all.filter(({ signal }) => signals.includes(signal));
    const about = { ...fleetAbout, id, group, runbook };
    const silent = findings.length === 0 ? whySilent(server) : null;
    return sourceOutcome(about, findings, at, asked, problem ?? silent);
  });
}

function whySilent({ state, incomplete }: FleetServer): string | null {
  if (state === 'down') return 'not reported: the server is down';
  if (state !== 'up') return 'not reported any more';
  return incomplete ? 'not reported: the exporter has errors' : null;
}
