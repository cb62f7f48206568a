/** What is shown before something is changed. */
export interface Confirmation {
  /** The question, naming the thing: "Terminate session 4242 on shop-prod?". */
  readonly title: string;
  /** Victims, risk, effect: plain text, several lines. */
  readonly detail: string;
  /** The exact statement that will run, with its parameters written beside it. */
  readonly sql?: string;
  /** The button: a verb, never "OK". */
  readonly action: string;
  /** When given, the person must type exactly this (the connection's name: in production, and where others are locked out). */
  readonly typedName?: string;
}

export interface Choice<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly value: T;
}

export interface InputRequest {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly password?: boolean;
  /** A message when the value cannot be taken, undefined when it can. */
  readonly validate?: (value: string) => string | undefined;
}

/**
 * Everything the extension asks a person. VS Code refuses real dialogs under its test runner, and tests must see
 * what was asked. `undefined` and `false` mean that the person backed out, which is not an error.
 */
export interface Prompts {
  confirm(question: Confirmation): Promise<boolean>;
  pick<T>(title: string, choices: readonly Choice<T>[], placeholder?: string): Promise<T | undefined>;
  input(request: InputRequest): Promise<string | undefined>;
  /** Shows a message with optional buttons and returns the one pressed. */
  notify(
    level: 'info' | 'warning' | 'error',
    message: string,
    ...actions: readonly string[]
  ): Promise<string | undefined>;
}
