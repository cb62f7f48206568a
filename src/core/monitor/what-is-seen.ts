import { signalGroups } from '../health/signal';
import { groupSignal } from './group-signal';
import type { ServerSnapshot, Signal } from './snapshot';

/** Ages grow by themselves, and what is written about them with them: views draw them anew by their own clock. */
const ages = new Set([
  'at',
  'tablesAt',
  'lastSeen',
  'transactionAgeS',
  'queryAgeS',
  'stateAgeS',
  'waitingS',
  'longestWaitS',
  'replyAgeS',
  'oldestTransactionS',
  'oldestQueryS',
  'oldestIdleInTransactionS',
  'lagSeconds',
  'lagAtLeastSeconds',
  'lines',
]);

/**
 * What a person sees of a snapshot as text to compare: states, summaries (with the ages they name) and values, not the
 * ages below, and the round trip only by its magnitude.
 */
export function whatIsSeen(snapshot: ServerSnapshot): string {
  const { latencyMs } = snapshot;
  const seen = {
    ...snapshot,
    latencyMs: latencyMs === null ? null : Math.round(Math.log2(Math.max(8, latencyMs))),
    sessions: told(snapshot.sessions),
    replication: told(snapshot.replication),
    locks: told(snapshot.locks),
    size: told(snapshot.size),
    signals: snapshot.signals.map(({ about, stale, problem, absent, findings }) => [
      about.id,
      stale,
      problem,
      absent,
      // What is fine is silent, but for the words that its group shows.
      findings.filter(({ severity }) => severity !== 'ok').map(({ severity, words }) => [severity, words]),
    ]),
    groups: signalGroups.map((group) => groupSignal(snapshot, group).evaluation.summary),
  };
  return JSON.stringify(seen, (key, value: unknown) =>
    ages.has(key) ? undefined : value instanceof Map ? [...(value as Map<unknown, unknown>).values()] : value,
  );
}

/** The lines of a signal with a value are made of the value; those without say why. */
function told(signal: Signal<unknown>): unknown {
  return signal.reading.kind === 'value' ? signal : { ...signal, why: signal.evaluation.lines };
}
