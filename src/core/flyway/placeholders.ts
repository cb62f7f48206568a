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
 * in what was replaced. A `$` directly before the prefix keeps it from being one; each `$` is read once, so `$$${x}` is.
 */
export function findPlaceholders(text: string, settings: PlaceholderSettings): FoundPlaceholder[] {
  const { prefix, suffix } = settings;
  const found: FoundPlaceholder[] = [];
  let at = 0;
  while (at < text.length) {
    if (text.startsWith(prefix, at)) {
      const close = text.indexOf(suffix, at + prefix.length);
      const end = close === -1 ? text.length : close + suffix.length;
      const key = close === -1 ? '' : text.slice(at + prefix.length, close);
      found.push({ start: at, end, key, value: close === -1 ? undefined : settings.values.get(key.toLowerCase()) });
      at = end;
    } else if (text.charAt(at) === prefix.charAt(0) && prefix.length > 1) {
      // The reader takes a first character that does not begin a prefix together with the one behind it.
      at += text.charAt(at + 1) === prefix.charAt(0) ? 2 : 1;
    } else at++;
  }
  return found;
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
