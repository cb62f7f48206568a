import type { Finding } from '../finding';
import type { LintScript } from '../lint-script';

/** `flyway/encoding`: bytes that are not text in the configured encoding, and characters that PostgreSQL refuses. */
export function encoding(script: LintScript): Finding[] {
  if (script.meaning.kind === 'skipped' || script.meaning.kind === 'invalid') return [];
  const make = (place: { start: number; end: number }, message: string): Finding => ({
    path: script.path,
    rule: 'flyway/encoding',
    severity: 'error',
    message,
    ...place,
  });
  const { text, config } = script;
  if (script.encodingProblem === 'unknown-encoding')
    return [make(script.head, `There is no encoding "${config.encoding}": flyway.encoding names it.`)];
  if (script.encodingProblem === 'unreadable')
    return [
      make(script.head, 'This file cannot be read, so nothing is known of it: may it be read, and is it still there?'),
    ];
  if (script.encodingProblem === 'malformed') {
    const at = text.indexOf('\ufffd');
    return [
      make(
        at === -1 ? script.head : { start: at, end: at + 1 },
        `This file is not valid ${config.encoding}: Flyway stops or reads other characters. Save it as ${config.encoding}, or set flyway.encoding.`,
      ),
    ];
  }
  const nul = text.indexOf('\0');
  if (nul !== -1) {
    const message = `A NUL character: PostgreSQL refuses it, even in a comment. Was the file saved as UTF-16, and flyway.encoding says ${config.encoding}?`;
    return [make({ start: nul, end: nul + 1 }, message)];
  }
  // Flyway takes away one byte order mark; another is the first letter of a word to PostgreSQL.
  return strayMarks(script).map((at) =>
    make(
      { start: at, end: at + 1 },
      'A byte order mark inside the file: PostgreSQL takes it for a part of a word and stops with a syntax error. Remove it.',
    ),
  );
}

/** Byte order marks behind the first that stand in no string, name or comment. */
function strayMarks(script: LintScript): number[] {
  const { sql: text } = script;
  if (!text.includes('\ufeff', 1)) return [];
  const { statements, trailingComments, foreign } = script.statements;
  const covered = [
    ...statements.flatMap(({ tokens, leadingComments, innerComments }) => [
      ...tokens,
      ...leadingComments,
      ...innerComments,
    ]),
    ...trailingComments,
    ...foreign,
  ].sort((a, b) => a.start - b.start);
  const stray: number[] = [];
  let next = 0;
  for (let at = text.indexOf('\ufeff', 1); at !== -1; at = text.indexOf('\ufeff', at + 1)) {
    while ((covered[next]?.end ?? Infinity) <= at) next++;
    if ((covered[next]?.start ?? Infinity) > at) stray.push(script.toText(at));
  }
  return stray;
}
