import { nodeOf } from '../rollback/tree';
import type { Grammar, TreeNode } from './grammar';
import type { OffsetMap } from './offsets';
import { statementsInside, type SplitStatement } from './splitter';

/** A statement with its tree. Offsets are UTF-16 code units of the script that was parsed. */
export interface ParsedStatement {
  readonly type: string;
  readonly node: TreeNode;
  readonly start: number;
  readonly end: number;
  readonly split: SplitStatement;
  readonly offsets: OffsetMap;
}

/** What PostgreSQL's grammar refuses. `limit`: it gave up on the depth of a statement that may be right. */
export interface BrokenStatement {
  readonly message: string;
  readonly reason: 'syntax' | 'limit';
  /** Where the grammar stopped, and the statement's own range. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** A statement, or what could not be parsed; `outer` is the index of the one that the splitter found it in. */
export type ParsedPart =
  | { readonly outer: number; readonly statement: ParsedStatement }
  | { readonly outer: number; readonly broken: BrokenStatement };

/**
 * Parses the statements of a script, one by one: no more than one tree is held here. Of a statement that is broken, the
 * parts that can be told apart are tried by themselves: a parenthesis that is never closed or a semicolon that is missing
 * hides nothing behind it.
 */
export function* parseStatements(
  sql: string,
  statements: readonly SplitStatement[],
  grammar: Grammar,
): Generator<ParsedPart> {
  for (const [outer, split] of statements.entries()) {
    const found = parseOne(sql, split, grammar);
    if ('type' in found) {
      yield { outer, statement: found };
      continue;
    }
    yield { outer, broken: found };
    const pieces = piecesOf(sql, split);
    if (pieces.length < 2) continue;
    for (const piece of pieces) {
      const inner = parseOne(sql, piece, grammar);
      if ('type' in inner) yield { outer, statement: inner };
    }
  }
}

/** An offset in a statement's tree, in bytes of the statement, as an offset of the script. */
export function placeOf(statement: ParsedStatement, location: unknown): number | undefined {
  return typeof location === 'number' && location >= 0
    ? statement.start + statement.offsets.fromBytes(location)
    : undefined;
}

/** A DefElem's value as text: of a name, a string, a number or a list of one. */
export function optionText(option: TreeNode | undefined): string | undefined {
  const argument = nodeOf(option, 'arg');
  const names = nodeOf(argument, 'TypeName')?.['names'];
  const single = Array.isArray(names) ? (names.at(-1) as TreeNode) : argument;
  const [kind = '', inner] = Object.entries(single ?? {})[0] ?? [];
  const value = Object.values((inner ?? {}) as TreeNode)[0];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  // A zero is left out of the tree.
  return kind === 'Integer' ? '0' : kind === 'Boolean' ? 'false' : undefined;
}

function parseOne(sql: string, split: SplitStatement, grammar: Grammar): ParsedStatement | BrokenStatement {
  const { start, end } = split;
  const outcome = grammar.parse(sql.slice(start, end));
  if (outcome.ok) return { type: outcome.type, node: outcome.node, start, end, split, offsets: outcome.offsets };
  return { message: outcome.message, reason: outcome.reason, at: start + outcome.at, start, end };
}

/** The words with which a statement begins that a migration is likely to hold. */
const beginnings = new Set(
  'create alter drop insert update delete truncate grant revoke comment refresh reindex vacuum set do select'.split(
    ' ',
  ),
);

/** The parts of a broken statement: between its semicolons, and from each line that begins like a statement. */
function piecesOf(sql: string, statement: SplitStatement): SplitStatement[] {
  return statementsInside(sql, statement).flatMap((piece) => {
    const cuts = piece.tokens.flatMap((token, index) =>
      index > 0 &&
      token.kind === 'word' &&
      beginnings.has(sql.slice(token.start, token.end).toLowerCase()) &&
      beginsLine(sql, token.start)
        ? [index]
        : [],
    );
    if (cuts.length === 0) return [piece];
    return [0, ...cuts].flatMap((from, index): SplitStatement[] => {
      const tokens = piece.tokens.slice(from, cuts[index] ?? piece.tokens.length);
      const first = tokens[0];
      const last = tokens.at(-1);
      if (!first || !last) return [];
      const leadingComments = from === 0 ? piece.leadingComments : [];
      return [{ start: first.start, end: last.end, leadingComments, innerComments: [], tokens }];
    });
  });
}

/** Only the beginning of a line: an indented `SELECT` is a subquery more often than a statement. */
function beginsLine(sql: string, at: number): boolean {
  return at === 0 || sql.charAt(at - 1) === '\n' || sql.charAt(at - 1) === '\r';
}
