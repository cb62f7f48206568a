/**
 * How an action ended. `still-there`: the signal was sent and has not worked yet. `unknown`: the connection was lost in
 * the middle, so it may or may not have happened. `stopped`: the server or the person ended the statement before its end.
 */
export type OutcomeKind = 'done' | 'already-gone' | 'refused' | 'stopped' | 'still-there' | 'unknown' | 'backed-out';

export interface Outcome {
  readonly kind: OutcomeKind;
  readonly message: string;
  /** What was sent, with its parameters; undefined when nothing was. */
  readonly sql?: string;
}

export function refused(message: string): Outcome {
  return { kind: 'refused', message };
}

/** The outcome as the heading of a report. */
export const outcomeTitles: Readonly<Record<OutcomeKind, string>> = {
  done: 'Done',
  'already-gone': 'Already gone',
  refused: 'Refused',
  stopped: 'Stopped',
  'still-there': 'Signal sent, still there',
  unknown: 'Not known',
  'backed-out': 'Nothing was done',
};
