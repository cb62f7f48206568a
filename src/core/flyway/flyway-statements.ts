import type { SqlToken } from '../sql/lexer';
import { splitScript, type SplitStatement } from '../sql/splitter';

/** A statement as Flyway sees it, by how it begins: that is what Flyway knows its kind by. */
export interface FlywayStatement {
  readonly text: string;
  readonly head: SplitStatement;
  /** A command of psql stands before it, and is its first word to Flyway. */
  readonly behindPsql: boolean;
}

/** What only Flyway reads otherwise: a `$` that begins no dollar quote, a small `e''`, a command of psql. */
const suspicious = /\$\d|\$[^\w$]|\be'|^\s*\\[a-z]/m;

/**
 * The statements of a script where Flyway's splitter differs from PostgreSQL (measured: test/fixtures/flyway): a `$` outside of
 * a string begins a quote that ends where the same text comes again, a small `e''` knows no backslash, and a command of psql
 * is a part of the statement behind it. Undefined where it does not differ.
 */
export function flywayStatements(script: string): FlywayStatement[] | undefined {
  return suspicious.test(script) ? statementsFrom(script, false) : undefined;
}

/** @param continues the text goes on in the middle of a statement, whose beginning is known already */
function statementsFrom(text: string, continues: boolean): FlywayStatement[] {
  const { statements, foreign } = splitScript(text);
  const found: FlywayStatement[] = [];
  let inside = continues;
  for (const [at, head] of statements.entries()) {
    const from = statements[at - 1]?.end ?? 0;
    const behindPsql = foreign.some(({ kind, start }) => kind === 'psql' && from <= start && start < head.start);
    if (!inside || isEnded(text, from, head.start)) found.push({ text, head, behindPsql });
    inside = false;
    const end = head.tokens.flatMap((token) => otherEnd(text, token) ?? [])[0];
    if (end === undefined) continue;
    return [...found, ...statementsFrom(text.slice(end), true)];
  }
  return found;
}

/** A semicolon right at the beginning of the rest ends the statement that went on. */
function isEnded(text: string, from: number, to: number): boolean {
  return from === 0 && text.slice(from, to).includes(';');
}

/** Where Flyway takes up again behind a token that it reads otherwise; the end of the text where what begins there never ends. */
function otherEnd(text: string, { kind, start, end }: SqlToken): number | undefined {
  if (kind === 'string' && text.charAt(start) === 'e') {
    const plain = plainEnd(text, start + 1);
    return plain === end ? undefined : plain;
  }
  if (kind !== 'parameter' && !(kind === 'symbol' && text.charAt(start) === '$')) return undefined;
  const close = text.indexOf('$', start + 1);
  const quote = text.slice(start, close + 1);
  const again = close === -1 ? -1 : text.indexOf(quote, close + 1);
  return again === -1 ? text.length : again + quote.length;
}

/** Where a string ends whose backslashes are no escapes; a doubled quote is one of the text. */
export function plainEnd(text: string, open: number): number {
  let at = text.indexOf("'", open + 1);
  while (at !== -1 && text.charAt(at + 1) === "'") at = text.indexOf("'", at + 2);
  return at === -1 ? text.length : at + 1;
}
