/** What placeholders are replaced with: keys ignore case. */
export interface PlaceholderSettings {
  readonly values: ReadonlyMap<string, string>;
  readonly prefix: string;
  readonly suffix: string;
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
 * The script with each placeholder covered by a word of the same length, so that it can be parsed and every offset still
 * points into the original.
 */
export function maskPlaceholders(text: string, settings: PlaceholderSettings): string {
  let result = '';
  let at = 0;
  for (const { start, end } of findPlaceholders(text, settings)) {
    result += text.slice(at, start) + 'p'.repeat(end - start);
    at = end;
  }
  return at === 0 ? text : result + text.slice(at);
}
