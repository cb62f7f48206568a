/**
 * Text of a server or of a person on one line: control characters and those that turn the direction of reading are
 * shown as a replacement character, so that a name cannot pretend to be another one. Longer than `limit` is cut.
 */
export function oneLine(text: string, limit = 120): string {
  const line = text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
  const cut = line.slice(0, limit - 1);
  // Half of a surrogate pair would be drawn as nothing.
  return line.length > limit ? `${cut.replace(/[\ud800-\udbff]$/, '')}…` : line;
}
