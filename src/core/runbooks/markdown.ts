/** Control characters, and those that turn the direction of reading: a name must not pretend to be another one. */
const invisible = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of a server or of a person on one line, everything that would not be seen made visible. */
function oneLine(text: string): string {
  return text
    .replace(/[\s\u0085]+/g, ' ')
    .replace(invisible, '\ufffd')
    .trim();
}

/**
 * Text from a database as Markdown that shows it literally, on one line: no HTML, no link, no emphasis, no table cell can
 * come out of it. It stays readable where Markdown is read as text, as in the differences of a pull request: only what
 * could be taken for Markdown is escaped.
 */
export function escapeMarkdown(text: string): string {
  return (
    oneLine(text)
      .replace(/[\\`*[\]~$]/g, '\\$&')
      .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('|', '&#124;')
      // Renderers make links of addresses and of names like o.id, whose end is a country's.
      .replace(/:(?=\S)(?<=\p{L}:)/gu, '\\:')
      .replace(/\.(?=\p{L})/gu, '\\.')
      .replace(/@/g, '&#64;')
      // At the beginning of a line: headings, lists, rules.
      .replace(/^[-+=#]/, '\\$&')
      .replace(/^(\d+)([.)])/, '$1\\$2')
  );
}

/** Code from a database on one line, in the letters of code where that is safe. For cells of tables too. */
export function inlineCode(text: string): string {
  const line = oneLine(text);
  // Renderers disagree about bars and backslashes in the cell of a table: such a text is written out, escaped.
  return line === '' || /[`|\\]/.test(line) ? escapeMarkdown(line) : `\`${line}\``;
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

/** The Markdown of this folder as plain text: escapes, emphasis, code marks and fences taken away. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/^`{3,}\w*\n?/gm, '')
    .replace(/^_(.*)_$/gm, '$1')
    .replace(/(?<!\\)\*\*|(?<!\\)`/g, '')
    .replace(/\\([\\`*[\]~$_:.+=#)-])/g, '$1')
    .replace(/&(amp|lt|gt|emsp|#124|#64);/g, (_, name: string) => entities[name] ?? '');
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', emsp: '  ', '#124': '|', '#64': '@' };
