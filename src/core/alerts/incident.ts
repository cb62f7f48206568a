import type { AlertSeverity } from './alert-state';
import { escalationOf, type EscalationLevel } from './escalation';
import { immediateAction } from './immediate-action';
import { alertKey, type Observation } from './observation';

/** Something that went wrong, from its beginning to its end. Times in ms since the epoch. */
export interface Incident {
  /** Key and time of opening: the same trouble a day later is another incident. */
  readonly id: string;
  readonly key: string;
  readonly connectionId: string;
  /** The check that sees it. */
  readonly check: string;
  readonly signal: string;
  readonly subject: string;
  readonly severity: AlertSeverity;
  /** The worst it has been. */
  readonly worst: AlertSeverity;
  /** What is measured, as last seen. Text of a server: escape it. */
  readonly words: string;
  /** The same when it was last at its worst: what is told of an incident when it is over. */
  readonly atWorst: string;
  /** What to do first. */
  readonly action: string;
  readonly level: EscalationLevel;
  readonly runbook: Observation['runbook'];
  readonly group: Observation['group'];
  readonly openedAt: number;
  readonly clearedAt: number | null;
  /** Nobody can say how it is since then. */
  readonly unknownSince: number | null;
  /** Better since then, and not yet for long enough to be over: `words` are those of before. */
  readonly betterSince?: number | undefined;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string;
  readonly snoozedUntil: number | null;
  /** When a person was told; null: not yet. */
  readonly notifiedAt: number | null;
}

export function openIncident(seen: Observation, severity: AlertSeverity, now: number): Incident {
  const key = alertKey(seen);
  return {
    id: `${key}@${now}`,
    key,
    connectionId: seen.connectionId,
    check: seen.check,
    signal: seen.signal,
    subject: seen.subject,
    severity,
    worst: severity,
    words: seen.words,
    atWorst: seen.words,
    action: immediateAction(seen),
    level: escalationOf(seen),
    runbook: seen.runbook,
    group: seen.group,
    openedAt: now,
    clearedAt: null,
    unknownSince: null,
    acknowledgedAt: null,
    acknowledgedBy: '',
    snoozedUntil: null,
    notifiedAt: null,
  };
}
