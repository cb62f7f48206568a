import { immediateAction } from '../alerts/immediate-action';
import { runbookIds, type RunbookId, type SignalOutcome } from '../health/signal';

/** Something that calls for a person now, with what to do first. All text is plain. */
export interface Urgent {
  readonly severity: 'critical' | 'warning';
  readonly words: string;
  /** The guide's immediate action, corrected where it would do harm. */
  readonly action: string;
  readonly runbook: RunbookId;
  readonly subject: string;
}

export interface WhatNow {
  /** Worst first; what is equally bad in the order of the guide's immediate actions. */
  readonly urgent: readonly Urgent[];
  /** Titles of what is not known now: it is no proof that all is well. */
  readonly unknown: readonly string[];
}

/** A server that is away, then connections, then the rest in the order of the guide. */
const order: readonly RunbookId[] = ['database-unavailable', ...runbookIds];

/** Reads all signals of one connection as the guide's "Immediate Actions". */
export function whatNow(outcomes: readonly SignalOutcome[]): WhatNow {
  const urgent = outcomes.flatMap(({ about, problem, findings }): readonly Urgent[] =>
    problem !== null
      ? []
      : findings.flatMap(({ severity, words, signal, subject }) =>
          severity === 'critical' || severity === 'warning'
            ? [
                {
                  severity,
                  words,
                  action: immediateAction({ signal, group: about.group, runbook: about.runbook }),
                  runbook: about.runbook,
                  subject,
                },
              ]
            : [],
        ),
  );
  const rank = ({ severity, runbook }: Urgent): number =>
    (severity === 'critical' ? 0 : order.length) + order.indexOf(runbook);
  const unknown = outcomes.filter(
    ({ absent, problem, at, findings }) =>
      absent === null && (problem !== null || at === null || findings.some(({ severity }) => severity === 'unknown')),
  );
  return {
    urgent: urgent.toSorted((a, b) => rank(a) - rank(b)),
    unknown: unknown.map(({ about }) => about.title),
  };
}
