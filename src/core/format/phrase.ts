/**
 * A sentence whose language is chosen where it is shown: the English text with {0}, {1} … and what stands there. Plain data,
 * so that it can come from a worker.
 */
export interface Phrase {
  readonly message: string;
  readonly values: readonly PhraseValue[];
}

type PhraseValue = string | Phrase;

/** Looks a text up in the person's language and puts the values into it, as `vscode.l10n.t` does. */
export type Translate = (message: string, ...values: string[]) => string;

/** As many values as the text has places. */
type Values<Message extends string> = Message extends `${string}{2}${string}`
  ? [PhraseValue, PhraseValue, PhraseValue]
  : Message extends `${string}{1}${string}`
    ? [PhraseValue, PhraseValue]
    : Message extends `${string}{0}${string}`
      ? [PhraseValue]
      : [];

/** @param message a literal: the texts to translate are collected from the calls */
export function phrase<const Message extends string>(message: Message, ...values: Values<Message>): Phrase {
  return { message, values };
}

/** The sentence, in English unless it is translated. */
export function said({ message, values }: Phrase, translate: Translate = filled): string {
  return translate(message, ...values.map((value) => (typeof value === 'string' ? value : said(value, translate))));
}

function filled(message: string, ...values: string[]): string {
  return message.replace(/\{(\d+)\}/g, (place, index: string) => values[Number(index)] ?? place);
}
