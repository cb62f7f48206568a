import { nextToken, type SqlToken } from '../../sql/lexer';

/** A statement in words that the parser takes: no literal, no comment, no foreign text is left in it. */
export interface SimpleStatement {
  readonly text: string;
  /** What each stand-in of the text was, as PostgreSQL takes the name. */
  readonly names: ReadonlyMap<string, string>;
  /** There is something behind a semicolon. */
  readonly several: boolean;
}

/** Words before a literal that make it the text of a value. */
const typeWords = new Set(['interval', 'date', 'time', 'timestamp', 'timestamptz']);

/**
 * Quoted names become stand-ins and others are folded, so that the case is known afterwards and no name can confuse the
 * parser; `$n` and literals become constants, and lists of them a single one, for which the parser takes quadratic time.
 * `ONLY` and locking clauses, which the parser misreads or refuses, touch no further table and are left out.
 */
export function simplifyStatement(statement: string): SimpleStatement {
  const names = new Map<string, string>();
  const words: string[] = [];
  let prefix = 'quoted_';
  while (statement.toLowerCase().includes(prefix)) prefix += 'x_';
  let ended = false;
  let several = false;
  for (const token of tokens(statement)) {
    if (token.kind === 'comment') continue;
    const text = statement.slice(token.start, token.end);
    if (text === ';') {
      ended = true;
      continue;
    }
    several ||= ended;
    const before = words.at(-1) ?? '';
    if (token.kind === 'string') push(words, "'1'");
    else if (token.kind === 'parameter' || token.kind === 'number') push(words, typeWords.has(before) ? "'1'" : '1');
    else if (token.kind === 'quoted-identifier') words.push(standIn(names, prefix, unquote(text)));
    else if (token.kind === 'word') words.push(wordOf(names, prefix, text));
    else words.push(glue(statement, token) + text);
  }
  return { text: assemble(withoutLocking(words)), names, several };
}

function* tokens(text: string): Generator<SqlToken> {
  for (let token = nextToken(text, 0); token; token = nextToken(text, token.end)) yield token;
}

/** Marks a symbol that belongs to the one before it: `::`, `<=`, `->>`. */
function glue(statement: string, token: SqlToken): string {
  return token.start > 0 && isOperator(statement.charAt(token.start - 1)) && isOperator(statement.charAt(token.start))
    ? '\u0001'
    : '';
}

function isOperator(character: string): boolean {
  return '+-*/<>=~!@#%^&|`?:'.includes(character);
}

function assemble(words: readonly string[]): string {
  const text = words.join(' ').replaceAll(' \u0001', '').replaceAll(' . ', '.');
  // Of the equal rows of VALUES one is enough.
  return text.replace(/(\((?: '1'| 1| ,)+ \))(?: , \1)+/g, '$1');
}

/** Adds a constant, unless it only continues the list of an `IN` or an array. */
function push(words: string[], constant: string): void {
  const continues = words.at(-1) === ',' && (words.at(-3) === '[' || (words.at(-3) === '(' && words.at(-4) === 'in'));
  if (continues && (words.at(-2) === '1' || words.at(-2) === "'1'")) words.pop();
  else words.push(constant);
}

function wordOf(names: Map<string, string>, prefix: string, text: string): string {
  // PostgreSQL folds ASCII only; the parser knows few letters beyond it.
  const folded = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return /^[a-z_][a-z0-9_]*$/.test(folded) ? folded : standIn(names, prefix, folded);
}

function standIn(names: Map<string, string>, prefix: string, name: string): string {
  for (const [word, known] of names) if (known === name) return word;
  const word = `${prefix}${names.size}`;
  names.set(word, name);
  return word;
}

function unquote(text: string): string {
  return text.slice(text.indexOf('"') + 1, -1).replaceAll('""', '"');
}

/** Without `ONLY` before a table and without `FOR [NO KEY] UPDATE | [KEY] SHARE [OF …] [NOWAIT | SKIP LOCKED]`. */
function withoutLocking(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === 'only' && ['from', 'join', 'update', 'into', ','].includes(kept.at(-1) ?? '')) continue;
    const length = word === 'for' ? lockingLength(words, at) : 0;
    if (length > 0) at += length - 1;
    else kept.push(word);
  }
  return kept;
}

function lockingLength(words: readonly string[], start: number): number {
  let at = start + 1;
  if (words[at] === 'no') at++;
  if (words[at] === 'key') at++;
  if (words[at] !== 'update' && words[at] !== 'share') return 0;
  at++;
  if (words[at] === 'of') {
    at += 2;
    while (words[at] === ',' || words[at] === '.') at += 2;
  }
  if (words[at] === 'nowait') at++;
  else if (words[at] === 'skip' && words[at + 1] === 'locked') at += 2;
  return at - start;
}
