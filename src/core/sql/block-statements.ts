import { blockPieces } from './block-pieces';
import type { Grammar } from './grammar';
import type { SqlToken } from './lexer';
import type { ParsedStatement } from './parsed-statement';
import { splitScript, type SplitStatement } from './splitter';

/** A statement inside of a DO block, in offsets of the script, and the script in which it can be read at them. */
export interface BlockStatement {
  readonly statement: ParsedStatement;
  readonly sql: string;
}

/**
 * The statements that a DO block runs, when their text can be told: those that stand in it, and the constants of EXECUTE. A
 * block in single quotes, whose offsets are not those of the script, is left out, and so is what cannot be parsed by itself:
 * `INSERT … RETURNING … INTO` is PL/pgSQL.
 */
export function blockStatements(sql: string, block: ParsedStatement, grammar: Grammar): BlockStatement[] {
  const literal = block.split.tokens.find((token) => token.kind === 'string' && sql.charAt(token.start) === '$');
  if (!literal) return [];
  const inside = dollarBody(sql, literal);
  const body = sql.slice(inside.start, inside.end);
  return blockPieces(body).flatMap((piece): BlockStatement[] => {
    if (piece.kind === 'unknown') return [];
    if (piece.kind === 'sql') return parsed(sql, shifted(piece.split, inside.start), grammar);
    const token = {
      ...piece.literal,
      start: piece.literal.start + inside.start,
      end: piece.literal.end + inside.start,
    };
    const { text, start, end } = constantText(sql, token);
    const found = splitScript(text.slice(start, end)).statements;
    return found.flatMap((split) => parsed(text, shifted(split, start), grammar));
  });
}

function parsed(sql: string, split: SplitStatement, grammar: Grammar): BlockStatement[] {
  const { start, end } = split;
  const outcome = grammar.parse(sql.slice(start, end));
  if (!outcome.ok) return [];
  return [{ sql, statement: { type: outcome.type, node: outcome.node, start, end, split, offsets: outcome.offsets } }];
}

/** The script with the constant as SQL in its place. A doubled quote becomes one behind a blank, so that no offset moves. */
function constantText(sql: string, literal: SqlToken): { text: string; start: number; end: number } {
  if (sql.charAt(literal.start) === '$') return { text: sql, ...dollarBody(sql, literal) };
  const [start, end] = [literal.start + 1, literal.end - 1];
  const inner = sql.slice(start, end);
  if (!inner.includes("''")) return { text: sql, start, end };
  return { text: sql.slice(0, start) + inner.replaceAll("''", " '") + sql.slice(end), start, end };
}

function dollarBody(sql: string, literal: SqlToken): { start: number; end: number } {
  const tag = sql.indexOf('$', literal.start + 1) + 1 - literal.start;
  return { start: literal.start + tag, end: literal.end - tag };
}

function shifted(split: SplitStatement, by: number): SplitStatement {
  const move = (token: SqlToken): SqlToken => ({ ...token, start: token.start + by, end: token.end + by });
  return {
    start: split.start + by,
    end: split.end + by,
    leadingComments: split.leadingComments.map(move),
    innerComments: split.innerComments.map(move),
    tokens: split.tokens.map(move),
  };
}
