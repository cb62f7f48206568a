/** A piece of SQL; offsets are UTF-16 code units of the text, as VS Code counts. Blanks are left out. */
export interface SqlToken {
  readonly kind: 'word' | 'quoted-identifier' | 'string' | 'number' | 'symbol' | 'comment' | 'parameter';
  readonly start: number;
  readonly end: number;
  /** A string, quoted name or comment that reaches the end of the text without its end. */
  readonly unterminated?: boolean;
}

/** What a character can be part of; everything from 0x80 on is a letter to PostgreSQL. */
const blankClass = 1;
const digitClass = 2;
const letterClass = 4;
const classes = new Uint8Array(128);
for (const blank of ' \t\r\n\f\v') classes[blank.charCodeAt(0)] = blankClass;
for (let code = 0x30; code <= 0x39; code++) classes[code] = digitClass;
for (let code = 0x41; code <= 0x5a; code++) classes[code] = classes[code + 0x20] = letterClass;
classes[0x5f] = letterClass;

const singleQuote = 0x27;
const doubleQuote = 0x22;
const dash = 0x2d;
const slash = 0x2f;
const star = 0x2a;
const dollar = 0x24;
const dot = 0x2e;
const ampersand = 0x26;

function classAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 128) return classes[code] ?? 0;
  if (code === 0xfeff) return blankClass;
  // NaN behind the end of the text compares false.
  return code >= 128 ? letterClass : 0;
}

function isNamePart(text: string, at: number): boolean {
  return (classAt(text, at) & (letterClass | digitClass)) !== 0;
}

/**
 * The token that begins at or after `from`, by PostgreSQL's own rules (standard_conforming_strings on): nested comments,
 * `E''` escapes, dollar quotes, quoted identifiers. Undefined at the end. One pass, no backtracking, never throws.
 */
export function nextToken(text: string, from: number): SqlToken | undefined {
  let at = from;
  while (classAt(text, at) === blankClass) at++;
  if (at >= text.length) return undefined;
  const start = at;
  const kind = classAt(text, at);
  if (kind === letterClass) {
    const prefixed = prefixedQuote(text, start);
    if (prefixed) return prefixed;
    at++;
    while (isNamePart(text, at) || text.charCodeAt(at) === dollar) at++;
    return { kind: 'word', start, end: at };
  }
  const code = text.charCodeAt(at);
  const next = text.charCodeAt(at + 1);
  if (code === singleQuote) return quoted(text, start, start, "'", false, 'string');
  if (code === doubleQuote) return quoted(text, start, start, '"', false, 'quoted-identifier');
  if (code === dash && next === dash) return { kind: 'comment', start, end: lineEnd(text, at) };
  if (code === slash && next === star) return blockComment(text, start);
  if (code === dollar) {
    const body = dollarQuoted(text, start);
    if (body) return body;
    at++;
    while (classAt(text, at) === digitClass) at++;
    return { kind: at > start + 1 ? 'parameter' : 'symbol', start, end: at };
  }
  if (kind === digitClass || (code === dot && classAt(text, at + 1) === digitClass)) {
    at++;
    // `1..10` is a range of PL/pgSQL, not a number.
    while (isNamePart(text, at) || (text.charCodeAt(at) === dot && text.charCodeAt(at + 1) !== dot)) at++;
    return { kind: 'number', start, end: at };
  }
  return { kind: 'symbol', start, end: start + 1 };
}

/** `E'…'`, `B'…'`, `U&"…"`: a quotation with a letter before it. */
function prefixedQuote(text: string, start: number): SqlToken | undefined {
  const next = text.charCodeAt(start + 1);
  if (next === singleQuote) {
    const letter = text.charAt(start).toLowerCase();
    if (letter === 'e') return quoted(text, start, start + 1, "'", true, 'string');
    return 'bxn'.includes(letter) ? quoted(text, start, start + 1, "'", false, 'string') : undefined;
  }
  if (next !== ampersand || text.charAt(start).toLowerCase() !== 'u') return undefined;
  const mark = text.charAt(start + 2);
  if (mark !== "'" && mark !== '"') return undefined;
  return quoted(text, start, start + 2, mark, false, mark === "'" ? 'string' : 'quoted-identifier');
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charAt(at) !== '\n' && text.charAt(at) !== '\r') at++;
  return at;
}

function blockComment(text: string, start: number): SqlToken {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      depth++;
      at += 2;
    } else if (text.startsWith('*/', at)) {
      depth--;
      at += 2;
      if (depth === 0) return { kind: 'comment', start, end: at };
    } else at++;
  }
  return { kind: 'comment', start, end: text.length, unterminated: true };
}

/** From the quotation mark at `open` to its end; a doubled mark is one of the text, a backslash escapes in `E''`. */
function quoted(
  text: string,
  start: number,
  open: number,
  mark: string,
  escapes: boolean,
  kind: 'string' | 'quoted-identifier',
): SqlToken {
  let at = open + 1;
  while (at < text.length) {
    if (!escapes) {
      // Long literals are the bulk of large scripts: the search of the engine is far faster than ours.
      at = text.indexOf(mark, at);
      if (at === -1) break;
    }
    const character = text.charAt(at);
    if (escapes && character === '\\') at += 2;
    else if (character !== mark) at++;
    else if (text.charAt(at + 1) === mark) at += 2;
    else return { kind, start, end: at + 1 };
  }
  return { kind, start, end: text.length, unterminated: true };
}

function dollarQuoted(text: string, start: number): SqlToken | undefined {
  let at = start + 1;
  if (text.charAt(at) !== '$') {
    if (classAt(text, at) !== letterClass) return undefined;
    while (isNamePart(text, at)) at++;
    if (text.charAt(at) !== '$') return undefined;
  }
  const tag = text.slice(start, at + 1);
  const close = text.indexOf(tag, at + 1);
  if (close === -1) return { kind: 'string', start, end: text.length, unterminated: true };
  return { kind: 'string', start, end: close + tag.length };
}
