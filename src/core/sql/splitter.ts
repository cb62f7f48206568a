import { nextToken, type SqlToken } from './lexer';

/** One statement of a script, without its semicolon. Offsets are UTF-16 code units of the whole script. */
export interface SplitStatement {
  readonly start: number;
  readonly end: number;
  /** Comments between the statement before and this one, for suppressions. */
  readonly leadingComments: readonly SqlToken[];
  /** Comments inside the statement. */
  readonly innerComments: readonly SqlToken[];
  /** The tokens, comments left out. */
  readonly tokens: readonly SqlToken[];
}

/** A statement whose tokens can be let go, and are read again when they are asked for: they are far larger than its text. */
class SplitText implements SplitStatement {
  constructor(
    private readonly text: string,
    readonly start: number,
    readonly end: number,
    readonly leadingComments: readonly SqlToken[],
    readonly innerComments: readonly SqlToken[],
    private read: readonly SqlToken[] | undefined,
  ) {}

  get tokens(): readonly SqlToken[] {
    return (this.read ??= tokensOf(this.text, this.start, this.end));
  }

  forget(): void {
    this.read = undefined;
  }
}

export interface SplitScript {
  readonly statements: readonly SplitStatement[];
  /** Lets go of the tokens of all statements until they are asked for. */
  readonly forgetTokens: () => void;
  /** Comments behind the last statement. */
  readonly trailingComments: readonly SqlToken[];
  /** psql commands (`\connect` …) and the data of COPY FROM STDIN: not SQL. */
  readonly foreign: readonly { readonly kind: 'psql' | 'copy-data'; readonly start: number; readonly end: number }[];
}

/**
 * Splits a script where PostgreSQL would: semicolons in strings, comments, parentheses and `BEGIN ATOMIC … END` bodies do
 * not end a statement. Linear, never throws; what does not end reaches to the end of the text.
 */
export function splitScript(text: string): SplitScript {
  const statements: SplitText[] = [];
  const foreign: { kind: 'psql' | 'copy-data'; start: number; end: number }[] = [];
  let tokens: SqlToken[] = [];
  let comments: SqlToken[] = [];
  let inner: SqlToken[] = [];
  let parentheses = 0;
  let atomic = 0;
  const finish = (): void => {
    const first = tokens[0];
    const last = tokens.at(-1);
    if (first && last) {
      // What stands between the last word and the semicolon is behind the statement.
      const innerComments = inner.filter((comment) => comment.end <= last.start);
      statements.push(new SplitText(text, first.start, last.end, comments, innerComments, tokens));
      comments = inner.filter((comment) => comment.end > last.start);
    }
    tokens = [];
    inner = [];
    parentheses = 0;
    atomic = 0;
  };
  let at = 0;
  for (let token = nextToken(text, at); token; token = nextToken(text, at)) {
    at = token.end;
    if (token.kind === 'comment') {
      (tokens.length === 0 ? comments : inner).push(token);
      continue;
    }
    const symbol = token.kind === 'symbol' ? text.charAt(token.start) : '';
    if (symbol === '\\' && tokens.length === 0) {
      const end = endOfLine(text, token.start);
      foreign.push({ kind: 'psql', start: token.start, end });
      at = end;
      continue;
    }
    if (symbol === ';' && parentheses <= 0 && atomic === 0) {
      const copies = isCopyFromStdin(text, tokens);
      finish();
      if (copies) {
        const { start, end } = copyData(text, at);
        foreign.push({ kind: 'copy-data', start, end });
        at = end;
      }
      continue;
    }
    if (symbol === '(') parentheses++;
    if (symbol === ')') parentheses--;
    if (token.kind === 'word') atomic = atomicDepth(text, token, tokens.at(-1), atomic);
    tokens.push(token);
  }
  finish();
  const forgetTokens = (): void => {
    for (const statement of statements) statement.forget();
  };
  return { statements, trailingComments: comments, foreign, forgetTokens };
}

/** The tokens between two offsets, comments left out. */
function tokensOf(text: string, start: number, end: number): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let token = nextToken(text, start); token && token.end <= end; token = nextToken(text, token.end))
    if (token.kind !== 'comment') tokens.push(token);
  return tokens;
}

/**
 * The pieces between all semicolons of a statement, those in parentheses included: for one that cannot be parsed, since a
 * parenthesis that is never closed swallows what stands behind it.
 */
export function statementsInside(text: string, statement: SplitStatement): SplitStatement[] {
  const pieces: SplitStatement[] = [];
  let tokens: SqlToken[] = [];
  let leadingComments = statement.leadingComments;
  const finish = (): void => {
    const first = tokens[0];
    const last = tokens.at(-1);
    if (first && last) {
      pieces.push({ start: first.start, end: last.end, leadingComments, innerComments: [], tokens });
      leadingComments = [];
    }
    tokens = [];
  };
  for (const token of statement.tokens) {
    if (token.kind === 'symbol' && text.charAt(token.start) === ';') finish();
    else tokens.push(token);
  }
  finish();
  return pieces;
}

/** How deep in the body of a SQL-standard routine: `BEGIN ATOMIC` opens it, `CASE` nests, `END` closes. */
function atomicDepth(text: string, token: SqlToken, before: SqlToken | undefined, depth: number): number {
  const length = token.end - token.start;
  if (length < 3 || length > 6) return depth;
  const word = text.slice(token.start, token.end).toLowerCase();
  if (word === 'atomic' && before && text.slice(before.start, before.end).toLowerCase() === 'begin') return depth + 1;
  if (depth === 0) return 0;
  if (word === 'case') return depth + 1;
  return word === 'end' ? depth - 1 : depth;
}

function isCopyFromStdin(text: string, tokens: readonly SqlToken[]): boolean {
  const word = (token: SqlToken | undefined): string =>
    token?.kind === 'word' ? text.slice(token.start, token.end).toLowerCase() : '';
  if (word(tokens[0]) !== 'copy') return false;
  let depth = 0;
  return tokens.some((token, index) => {
    const symbol = token.kind === 'symbol' ? text.charAt(token.start) : '';
    depth += symbol === '(' ? 1 : symbol === ')' ? -1 : 0;
    return depth === 0 && word(token) === 'from' && word(tokens[index + 1]) === 'stdin';
  });
}

/** The data begins on the next line and ends with a line `\.`, or with the text. */
function copyData(text: string, from: number): { start: number; end: number } {
  const start = Math.min(text.length, endOfLine(text, from) + 1);
  const closing = /^\\\.[ \t]*\r?$/m;
  const rest = text.slice(start);
  const match = closing.exec(rest);
  return { start, end: match ? start + match.index + match[0].length : text.length };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
