/**
 * How an action ended. `still-there`: the signal was sent and has not worked yet. `unknown`: the connection was lost in
 * the middle, so it may or may not have happened. `stopped`: the server or the person ended the statement before its end.
 * `running`: it goes on, and nobody waits for it here.
 */
export type OutcomeKind =
  'done' | 'already-gone' | 'refused' | 'stopped' | 'still-there' | 'running' | 'unknown' | 'backed-out';

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
  running: 'Still running',
  unknown: 'Not known',
  'backed-out': 'Nothing was done',
};
