import type { FlywayConfig } from './flyway-config';

/** What placeholders are replaced with: keys ignore case. */
export interface PlaceholderSettings {
  readonly values: ReadonlyMap<string, string>;
  readonly prefix: string;
  readonly suffix: string;
}

/**
 * The placeholders of a script: those that are configured, and those that Flyway fills in itself, where they do not differ
 * from run to run.
 */
export function placeholdersOf(
  config: Pick<FlywayConfig, 'placeholders' | 'placeholderPrefix' | 'placeholderSuffix' | 'table' | 'defaultSchema'>,
  fileName: string,
  text: string,
): PlaceholderSettings {
  const { placeholders, placeholderPrefix: prefix, placeholderSuffix: suffix, table, defaultSchema } = config;
  if (!/flyway:/i.test(text)) return { values: placeholders, prefix, suffix };
  const own = new Map([
    ['flyway:table', table],
    ['flyway:filename', fileName],
  ]);
  if (defaultSchema !== undefined) own.set('flyway:defaultschema', defaultSchema);
  return { values: new Map([...own, ...placeholders]), prefix, suffix };
}

/** One placeholder of a script. `value` is undefined when Flyway would stop with an error. */
export interface FoundPlaceholder {
  readonly start: number;
  readonly end: number;
  readonly key: string;
  readonly value: string | undefined;
}

/** Flyway's own placeholders, known without a configuration. */
export const defaultPlaceholders: readonly string[] = [
  'flyway:defaultSchema',
  'flyway:user',
  'flyway:database',
  'flyway:timestamp',
  'flyway:filename',
  'flyway:workingDirectory',
  'flyway:table',
  'flyway:environment',
];

/**
 * All placeholders of a script, as Flyway finds them: everywhere, comments and strings included, from left to right, not
 * in what was replaced. Its reader takes characters as long as they continue the prefix, and one more, and never looks at
 * them again: so `$${x}` is none, and `$$${x}` is one. One that does not end loses as many characters as the suffix has,
 * and is looked up then.
 */
export function findPlaceholders(text: string, settings: PlaceholderSettings): FoundPlaceholder[] {
  const { prefix, suffix } = settings;
  const found: FoundPlaceholder[] = [];
  let at = 0;
  while (at < text.length) {
    if (text.startsWith(prefix, at)) {
      const close = text.indexOf(suffix, at + prefix.length);
      const end = close === -1 ? text.length : close + suffix.length;
      const key = text.slice(
        at + prefix.length,
        close === -1 ? Math.max(at + prefix.length, end - suffix.length) : close,
      );
      found.push({ start: at, end, key, value: settings.values.get(key.toLowerCase()) });
      at = end;
    } else at += Math.min(prefix.length, commonLength(text, at, prefix) + 1);
  }
  return found;
}

/** How many characters of the prefix stand at a place of the text. */
function commonLength(text: string, at: number, prefix: string): number {
  let length = 0;
  while (length < prefix.length && text.charAt(at + length) === prefix.charAt(length)) length++;
  return length;
}

/** The text that Flyway runs, or the first placeholder it would stop at. */
export function replacePlaceholders(
  text: string,
  settings: PlaceholderSettings,
): { readonly text: string } | { readonly missing: FoundPlaceholder } {
  const found = findPlaceholders(text, settings);
  const missing = found.find((placeholder) => placeholder.value === undefined);
  if (missing) return { missing };
  let result = '';
  let at = 0;
  for (const placeholder of found) {
    result += text.slice(at, placeholder.start) + (placeholder.value ?? '');
    at = placeholder.end;
  }
  return { text: result + text.slice(at) };
}

/**
 * A text that can be parsed. A placeholder whose value is a plain word, or is not known, is covered by a word of its own
 * length, so that what is derived from the text can name it again; any other is replaced by its value.
 */
export interface MaskedText {
  readonly text: string;
  /** Writes the placeholders that are covered back into a name or a statement that was made from the text. */
  readonly restore: (derived: string) => string;
  /** The same with their values, where those are known. */
  readonly resolve: (derived: string) => string;
  /** Whether a word of a part of the text covers a placeholder. */
  readonly isCovered: (part: string) => boolean;
  /** Whether a part of the text holds a placeholder without a known value. */
  readonly isOpen: (part: string) => boolean;
  /** An offset of the text as one of the original: inside of a value, where its placeholder begins, or ends for `end`. */
  readonly toOriginal: (offset: number, end?: boolean) => number;
}

/** A value that can stand in for its placeholder as a word does. */
const plainWord = /^[a-z_][a-z0-9_$]*$/;

/** A piece of the text that is a value, and what it stands for. */
interface Replaced {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** A text without placeholders. */
export function unmasked(text: string): MaskedText {
  const same = (derived: string): string => derived;
  return {
    text,
    restore: same,
    resolve: same,
    isCovered: () => false,
    isOpen: () => false,
    toOriginal: (offset) => offset,
  };
}

/** Covers and replaces the placeholders of a script. */
export function maskPlaceholders(text: string, settings: PlaceholderSettings): MaskedText {
  const found = findPlaceholders(text, settings);
  if (found.length === 0) return unmasked(text);
  const words = new Map<string, string>();
  const values = new Map<string, string>();
  const open: string[] = [];
  const replaced: Replaced[] = [];
  let masked = '';
  let at = 0;
  for (const { start, end: wanted, value } of found) {
    // No key goes over a line: what stands behind it is SQL, though Flyway stops before it comes to that.
    const line = value === undefined ? text.slice(start, wanted).search(/[\r\n]/) : -1;
    const end = line === -1 ? wanted : start + line;
    const original = text.slice(start, end);
    masked += text.slice(at, start);
    at = end;
    if (value !== undefined && !plainWord.test(value)) {
      replaced.push({ start: masked.length, end: masked.length + value.length, from: start, to: end });
      masked += value;
      continue;
    }
    const word = words.get(original) ?? wordFor(original.length, words.size, text);
    words.set(original, word);
    if (value === undefined) open.push(word);
    else values.set(word, value);
    masked += word;
  }
  return {
    text: masked + text.slice(at),
    restore: (derived) => restore(derived, words, text),
    resolve: (derived) => resolve(derived, words, values),
    isCovered: (part) => words.size > 0 && [...words.values()].some((word) => part.includes(word)),
    isOpen: (part) => open.some((word) => part.includes(word)),
    toOriginal: (offset, end = false) => originalOffset(replaced, offset, end),
  };
}

function resolve(derived: string, words: ReadonlyMap<string, string>, values: ReadonlyMap<string, string>): string {
  let result = derived;
  for (const [original, word] of words)
    if (result.includes(word)) result = result.replaceAll(word, () => values.get(word) ?? original);
  return result;
}

function originalOffset(replaced: readonly Replaced[], offset: number, end: boolean): number {
  let low = 0;
  let high = replaced.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((replaced[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  // The last value that begins before the offset.
  const before = replaced[low - 1];
  if (!before) return offset;
  if (offset >= before.end) return before.to + (offset - before.end);
  return end ? before.to : before.from;
}

/** `p`, then as many `z` as it takes, then a number: no such word is a part of another. */
function wordFor(length: number, index: number, text: string): string {
  for (let number = index; number < index + 1000; number++) {
    const word = `p${String(number).padStart(length - 1, 'z')}`;
    if (word.length === length && !text.includes(word)) return word;
  }
  return 'p'.repeat(length);
}

/**
 * A name was quoted when the statement was written; a placeholder that stood without quotes in the script stands without
 * them again, since its value may bring its own.
 */
function restore(derived: string, words: ReadonlyMap<string, string>, text: string): string {
  let result = derived;
  for (const [original, word] of words) {
    if (!result.includes(word)) continue;
    if (!text.includes(`"${original}`) && !text.includes(`${original}"`))
      result = result.replace(new RegExp(`"([a-z0-9_$]*${word}[a-z0-9_$]*)"`, 'g'), '$1');
    result = result.replaceAll(word, () => original);
  }
  return result;
}
