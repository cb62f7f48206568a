import type { Choice, InputRequest } from '../ports/prompts';
import type { Session } from '../ports/session';

/** An answer: the value that identifies it (an oid, a name) and what a person calls it. */
export interface ParameterValue {
  readonly value: string;
  readonly label: string;
}

export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/**
 * Something that a runbook is the better for: a table, a time, the memory of the machine. It is asked by a quick pick before
 * it opens. Every step works without the answer, for an alert opens it without a question.
 */
export interface Parameter {
  readonly id: string;
  /** e.g. "Table". */
  readonly title: string;
  readonly placeholder: string;
  /**
   * `from-palette`: an alert or a finding leads to the evidence without a question. `never`: it is known where the runbook
   * is opened from an item that is about one of the choices.
   */
  readonly asked: 'from-palette' | 'never';
  /** `connect` gives the session; a choice that needs none lets the runbook open where the server does not answer. */
  readonly choices: (
    connect: () => Promise<Session>,
    chosen: ParameterValues,
    signal?: AbortSignal,
  ) => Promise<readonly Choice<ParameterValue>[]>;
  /** The last choice: to type another value. */
  readonly own?: {
    readonly label: string;
    readonly request: InputRequest;
    /** What was typed, once `request.validate` has taken it. */
    readonly read: (typed: string) => ParameterValue;
  };
}

/** Reads answers out of a notebook's metadata, which a person may have edited. */
export function readParameterValues(stored: unknown): ParameterValues {
  if (typeof stored !== 'object' || stored === null) return {};
  return Object.fromEntries(
    Object.entries(stored).flatMap(([id, answer]: [string, unknown]) => {
      if (typeof answer !== 'object' || answer === null) return [];
      const { value, label } = answer as Readonly<Record<string, unknown>>;
      return typeof value === 'string' && typeof label === 'string' ? [[id, { value, label }]] : [];
    }),
  );
}
