import type { Choice, Confirmation, InputRequest, Prompts } from '../core/ports/prompts';
import { back, type Back, type PickStep, type StepPosition, type StepPrompts } from './connections/step-prompts';

/** One question as it was asked, and what was answered. */
export type Asked =
  | { readonly kind: 'confirm'; readonly question: Confirmation; readonly answer: boolean }
  | {
      readonly kind: 'pick';
      readonly title: string;
      readonly labels: readonly string[];
      readonly answer: string | undefined;
    }
  | { readonly kind: 'input'; readonly request: InputRequest; readonly answer: string | undefined }
  | { readonly kind: 'notify'; readonly level: string; readonly message: string; readonly answer: string | undefined };

/**
 * What a test answers: for a pick the beginning of a label, for a notification the button, `back` to a step of a sequence;
 * undefined backs out.
 */
export type Answer = string | boolean | Back | undefined;

/**
 * Answers from a script, for VS Code's test runner, which refuses real dialogs. It keeps what was asked, and rejects an
 * input that the real box would not have taken. Without an answer left it backs out.
 */
export class ScriptedPrompts implements Prompts, StepPrompts {
  readonly asked: Asked[] = [];
  private answers: Answer[] = [];

  /** The answers to the next questions, in order. Notifications take one only when they have buttons. */
  script(...answers: readonly Answer[]): void {
    this.answers = [...answers];
    this.asked.length = 0;
  }

  confirm(question: Confirmation): Promise<boolean> {
    const given = this.answers.shift();
    const answer = question.typedName === undefined ? given === true : given === question.typedName;
    this.asked.push({ kind: 'confirm', question, answer });
    return Promise.resolve(answer);
  }

  pick<T>(title: string, choices: readonly Choice<T>[]): Promise<T | undefined> {
    const given = this.answers.shift();
    const chosen = typeof given === 'string' ? choices.find((choice) => choice.label.startsWith(given)) : undefined;
    this.asked.push({ kind: 'pick', title, labels: choices.map((choice) => choice.label), answer: chosen?.label });
    return Promise.resolve(chosen?.value);
  }

  input(request: InputRequest): Promise<string | undefined> {
    const given = this.answers.shift();
    const answer = typeof given === 'string' && request.validate?.(given) === undefined ? given : undefined;
    this.asked.push({ kind: 'input', request, answer });
    return Promise.resolve(answer);
  }

  pickStep<T>(_at: StepPosition, request: PickStep<T>): Promise<T | Back | undefined> {
    return this.backed() ? Promise.resolve(back) : this.pick(request.title, request.choices);
  }

  inputStep(_at: StepPosition, request: InputRequest): Promise<string | Back | undefined> {
    return this.backed() ? Promise.resolve(back) : this.input(request);
  }

  notify(
    level: 'info' | 'warning' | 'error',
    message: string,
    ...actions: readonly string[]
  ): Promise<string | undefined> {
    const given = actions.length === 0 ? undefined : this.answers.shift();
    const answer = typeof given === 'string' && actions.includes(given) ? given : undefined;
    this.asked.push({ kind: 'notify', level, message, answer });
    return Promise.resolve(answer);
  }

  private backed(): boolean {
    if (this.answers[0] !== back) return false;
    this.answers.shift();
    return true;
  }
}
