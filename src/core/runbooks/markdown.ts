/**
 * Text from a database as Markdown that shows it literally: no HTML, no link, no emphasis, no table cell can come out of
 * it. Line breaks become spaces, so that it stays where it was put.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n\u2028\u2029\u0085\v\f]+/g, ' ')
    .replaceAll('\0', '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()#+\-.!|~$:@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A table; the cells must be escaped already. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A fenced block whose fence is longer than any run of backticks in it. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Shortened to `limit` characters, whole code points. */
export function shorten(text: string, limit: number): string {
  const points = Array.from(text.slice(0, 2 * limit + 2));
  return points.length <= limit && text.length <= 2 * limit + 2 ? text : `${points.slice(0, limit - 1).join('')}…`;
}
