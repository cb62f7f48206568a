import type { Choice, InputRequest } from '../../core/ports/prompts';

/** The person pressed the back button. Registered, so that a test in a bundle of its own can script it. */
export const back: unique symbol = Symbol.for('dbOps.back');
export type Back = typeof back;

/** Where a question stands in a sequence; from the second on there is a way back. */
export interface StepPosition {
  readonly step: number;
  readonly of: number;
}

export interface PickStep<T> {
  readonly title: string;
  readonly placeholder?: string;
  readonly choices: readonly Choice<T>[];
  /** The choice that is marked at first. */
  readonly active?: T;
}

/** Questions of a sequence. `undefined` means that the person gave the whole sequence up. */
export interface StepPrompts {
  pickStep<T>(at: StepPosition, request: PickStep<T>): Promise<T | Back | undefined>;
  inputStep(at: StepPosition, request: InputRequest): Promise<string | Back | undefined>;
}

/** One step: takes what is known and returns it with its answer. */
export type Step<State> = (state: State, at: StepPosition) => Promise<State | Back | undefined>;

/**
 * Asks one step after another. Which steps there are may depend on the answers so far. Going back keeps all answers.
 * Returns undefined when the person gave up.
 */
export async function runSteps<State>(
  first: State,
  stepsOf: (state: State) => readonly Step<State>[],
): Promise<State | undefined> {
  let state = first;
  for (let index = 0; ;) {
    const steps = stepsOf(state);
    const step = steps[index];
    if (!step) return state;
    const answer = await step(state, { step: index + 1, of: steps.length });
    if (answer === undefined) return undefined;
    if (answer === back) index = Math.max(0, index - 1);
    else {
      state = answer;
      index++;
    }
  }
}
