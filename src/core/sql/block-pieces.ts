import { listOf, nodeOf, textOf } from '../rollback/tree';
import type { TreeNode } from './grammar';
import { nextToken, type SqlToken } from './lexer';
import { splitScript, type SplitStatement } from './splitter';

/** What a statement of PL/pgSQL runs, as far as its words tell. Offsets are those of the body. */
export type BlockPiece =
  | { readonly kind: 'sql'; readonly split: SplitStatement }
  /** EXECUTE of one constant. */
  | { readonly kind: 'constant'; readonly literal: SqlToken }
  /** EXECUTE of a text that is put together, or PERFORM. */
  | { readonly kind: 'unknown' };

/** Words with which a statement begins that changes something. */
const verbs = new Set(
  'create alter drop insert update delete truncate merge with call grant revoke comment refresh reindex execute'.split(
    ' ',
  ),
);
/** Words behind which a statement of PL/pgSQL begins. */
const openers = new Set(['begin', 'then', 'else', 'loop']);

/** The statements inside of a block of PL/pgSQL that change something, whatever condition they stand behind. */
export function blockPieces(body: string): BlockPiece[] {
  return splitScript(body).statements.flatMap((split): BlockPiece[] => {
    const { tokens, end } = split;
    const words = tokens.map((token) =>
      token.kind === 'word' ? body.slice(token.start, token.end).toLowerCase() : '',
    );
    const unknown: BlockPiece[] = words.includes('perform') ? [{ kind: 'unknown' }] : [];
    const at = words.findIndex(
      (word, index) => verbs.has(word) && (index === 0 || openers.has(words[index - 1] ?? '')),
    );
    const first = tokens[at];
    if (!first) return unknown;
    // INTO of a variable, which reads as a new table to the grammar of SQL.
    if (words.some((word, index) => word === 'into' && !['insert', 'merge'].includes(words[index - 1] ?? '')))
      return [...unknown, { kind: 'unknown' }];
    if (words[at] !== 'execute')
      return [...unknown, { kind: 'sql', split: { ...split, start: first.start, tokens: tokens.slice(at) } }];
    const literal = nextToken(body, first.end);
    const whole = literal?.kind === 'string' && literal.end >= end && /^['$]/.test(body.charAt(literal.start));
    return [...unknown, whole ? { kind: 'constant', literal } : { kind: 'unknown' }];
  });
}

/** Whether a body of PL/pgSQL has a COMMIT or a ROLLBACK in it, on whatever condition. */
export function endsTransaction(body: string): boolean {
  return splitScript(body).statements.some(({ tokens }) => {
    const words = tokens.map(({ kind, start, end }) => (kind === 'word' ? body.slice(start, end).toLowerCase() : ''));
    const at = words.findIndex((word) => word === 'commit' || word === 'rollback');
    const ends = at === tokens.length - 1 || words[at + 1] === 'and';
    return at !== -1 && ends && (at === 0 || openers.has(words[at - 1] ?? ''));
  });
}

/**
 * The statements that a block of PL/pgSQL runs, each as text: of an EXECUTE those in its constant. Undefined stands for what
 * cannot be told.
 */
export function blockTexts(body: string): (string | undefined)[] {
  return blockPieces(body).flatMap((piece): (string | undefined)[] => {
    if (piece.kind === 'unknown') return [undefined];
    if (piece.kind === 'sql') return [body.slice(piece.split.start, piece.split.end)];
    const text = textOfLiteral(body.slice(piece.literal.start, piece.literal.end));
    return splitScript(text).statements.map(({ start, end }) => text.slice(start, end));
  });
}

/** Words of PL/pgSQL with which a statement is run on a condition, again, or not at all. */
const branches = new Set(['if', 'case', 'loop', 'exception', 'return', 'exit', 'continue']);

/** Whether each statement of a block runs exactly once, as far as its words tell. */
export function isStraight(body: string): boolean {
  return splitScript(body).statements.every(({ tokens }) =>
    tokens.every(({ kind, start, end }) => kind !== 'word' || !branches.has(body.slice(start, end).toLowerCase())),
  );
}

function textOfLiteral(written: string): string {
  const [, dollar] = /^(\$\w*\$)/.exec(written) ?? [];
  if (dollar !== undefined) return written.slice(dollar.length, -dollar.length);
  return written.slice(1, -1).replaceAll("''", "'");
}

/** The PL/pgSQL of a DO block, or of a routine that is made; undefined where it is another language, or no text. */
export function codeOf({ node }: { readonly node: TreeNode }): string | undefined {
  const options = new Map(
    [...listOf(node, 'args'), ...listOf(node, 'options')].map((item) => {
      const option = nodeOf(item, 'DefElem');
      return [textOf(option, 'defname'), nodeOf(option, 'arg')];
    }),
  );
  if ((textOf(nodeOf(options.get('language'), 'String'), 'sval') ?? 'plpgsql') !== 'plpgsql') return undefined;
  const value = options.get('as');
  return textOf(nodeOf(listOf(nodeOf(value, 'List'), 'items')[0] ?? value, 'String'), 'sval');
}
