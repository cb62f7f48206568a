import type { Finding, RunbookId, SignalAbout, SignalGroup, SignalOutcome } from '../health/signal';
import type { Reading } from '../health/status';
import type { Thresholds } from '../health/thresholds';
import { findingsOf } from './findings';
import type { ServerSnapshot } from './snapshot';

/** What is polled beside the checks, as checks: by the first part of their signals' names. */
const polled: readonly (readonly [
  id: string,
  group: SignalGroup,
  runbook: RunbookId,
  reading: (snapshot: ServerSnapshot) => Reading<unknown> | undefined,
])[] = [
  ['server', 'pool', 'database-unavailable', () => undefined],
  ['sessions', 'pool', 'pool-exhaustion', ({ sessions }) => sessions.reading],
  ['locks', 'locks', 'lock-contention', ({ locks }) => locks.reading],
  ['standby', 'replication', 'replication-lag', ({ replication }) => replication.reading],
  ['receiver', 'replication', 'replication-lag', ({ replication }) => replication.reading],
  ['size', 'size', 'scaling', ({ size }) => size.reading],
];

/**
 * Everything that alerts follow and history keeps of one server, each with when it was read. What is not current has a
 * `problem`: it can neither raise nor end an alert.
 */
export function observedOutcomes(
  snapshot: ServerSnapshot,
  now: number,
  thresholds?: Thresholds,
): readonly SignalOutcome[] {
  const all = findingsOf(snapshot, thresholds);
  const base = polled.map(([id, usualGroup, usualRunbook, readingOf]): SignalOutcome => {
    const [group, runbook] = id === 'server' ? ofServer(snapshot) : [usualGroup, usualRunbook];
    const reading = readingOf(snapshot);
    const findings = all.filter(({ signal }) => signal.startsWith(`${id}.`)).map(honest);
    const at = reading === undefined ? now : reading.kind === 'value' ? reading.at : null;
    const current = snapshot.watched && (reading === undefined || (reading.kind === 'value' && !reading.stale));
    return {
      about: aboutOf(id, group, runbook),
      sql: '',
      at,
      problem: current ? null : 'not current',
      absent: null,
      findings,
    };
  });
  const checks = snapshot.signals.map((shown): SignalOutcome => {
    const { stale, ...outcome } = shown;
    const findings = shown.findings.filter(({ detail }) => detail !== true);
    const old = stale || !snapshot.watched;
    return { ...outcome, findings, problem: outcome.problem ?? (old ? 'not current' : null) };
  });
  return [...base, ...checks];
}

/** A server without a free slot is not to be failed over, and a standby that is away is not the primary. */
function ofServer({ failure, role }: ServerSnapshot): readonly [SignalGroup, RunbookId] {
  if (failure === 'too-many-connections') return ['pool', 'pool-exhaustion'];
  return [role === 'standby' ? 'replication' : 'pool', 'database-unavailable'];
}

/** Whether the server answers is unknown while it is being connected to: that is no proof that it does. */
function honest(finding: Finding): Finding {
  return finding.value === null && finding.severity === 'ok' ? { ...finding, severity: 'unknown' } : finding;
}

function aboutOf(id: string, group: SignalGroup, runbook: RunbookId): SignalAbout {
  return { id, group, title: id, explanation: '', runbook, tierMs: 5000 };
}
