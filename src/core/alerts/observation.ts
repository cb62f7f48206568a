import type { FindingSeverity, RunbookId, SignalGroup, SignalOutcome, Threshold, Unit } from '../health/signal';

/** One finding of one connection as the alerts see it. */
export interface Observation {
  readonly connectionId: string;
  /** The check that it came from, e.g. `slots`. */
  readonly check: string;
  readonly signal: string;
  readonly subject: string;
  readonly group: SignalGroup;
  readonly runbook: RunbookId;
  readonly severity: FindingSeverity;
  readonly words: string;
  readonly value: number | null;
  readonly unit: Unit;
  readonly threshold: Threshold | null;
}

/** What an alert is about: one signal of one subject of one connection. */
export function alertKey({
  connectionId,
  signal,
  subject,
}: Pick<Observation, 'connectionId' | 'signal' | 'subject'>): string {
  return JSON.stringify([connectionId, signal, subject]);
}

/** The findings of a check. Those of a check that could not be read are old: they are unknown now. */
export function observationsOf(connectionId: string, outcome: SignalOutcome): readonly Observation[] {
  const { about } = outcome;
  return outcome.findings.map((finding) => ({
    connectionId,
    check: about.id,
    signal: finding.signal,
    subject: finding.subject,
    group: about.group,
    runbook: about.runbook,
    severity: outcome.problem === null ? finding.severity : 'unknown',
    words: finding.words,
    value: finding.value,
    unit: finding.unit,
    threshold: finding.threshold,
  }));
}
