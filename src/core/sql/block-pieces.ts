import { isHarmless } from '../rollback/function-calls';
import { listOf, nodeOf, textOf } from '../rollback/tree';
import type { TreeNode } from './grammar';
import { nextToken, type SqlToken } from './lexer';
import { splitScript, type SplitStatement } from './splitter';

/** What a statement of PL/pgSQL runs, as far as its words tell. Offsets are those of the body. */
export type BlockPiece =
  | { readonly kind: 'sql'; readonly split: SplitStatement }
  /** EXECUTE of one constant. */
  | { readonly kind: 'constant'; readonly literal: SqlToken }
  /** EXECUTE of a text that is put together, PERFORM, or a function that is called and might do anything. */
  | { readonly kind: 'unknown' };

/** Words with which a statement begins that changes something. */
const verbs = new Set(
  'create alter drop insert update delete truncate merge with call grant revoke comment refresh reindex execute'.split(
    ' ',
  ),
);
/** Words behind which a statement of PL/pgSQL begins. */
const openers = new Set(['begin', 'then', 'else', 'loop']);
/** Words before a parenthesis that call nothing: those of the grammar, and types with a length. */
const uncalled = new Set(
  (
    'all and any array as between bit by case cast char character coalesce cursor decimal distinct else elseif elsif except exists ' +
    'extract filter float from group greatest having if ilike in intersect interval is lateral least like limit loop not nullif numeric ' +
    'on or over overlay partition position raise return row select set some substring then time timestamp timestamptz timetz trim ' +
    'union using values varchar varying when where while with'
  ).split(' '),
);

/** The statements inside of a block of PL/pgSQL that change something, whatever condition they stand behind. */
export function blockPieces(body: string): BlockPiece[] {
  return splitScript(body).statements.flatMap((split): BlockPiece[] => {
    const { tokens, end } = split;
    const words = tokens.map((token) =>
      token.kind === 'word' ? body.slice(token.start, token.end).toLowerCase() : '',
    );
    const at = words.findIndex(
      (word, index) => verbs.has(word) && (index === 0 || openers.has(words[index - 1] ?? '')),
    );
    const first = tokens[at];
    const before = first ? at : tokens.length;
    const isDark = words.some(
      (word, index) =>
        index < before &&
        (word === 'perform' || (verbs.has(word) && words[index - 1] === 'in') || calls(body, tokens, index)),
    );
    const unknown: BlockPiece[] = isDark ? [{ kind: 'unknown' }] : [];
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

/** Whether a word is a function that is called and might change something. */
function calls(body: string, tokens: readonly SqlToken[], index: number): boolean {
  const textAt = (at: number): string => {
    const token = tokens[at];
    return token ? body.slice(token.start, token.end) : '';
  };
  const kind = tokens[index]?.kind;
  if ((kind !== 'word' && kind !== 'quoted-identifier') || textAt(index + 1) !== '(') return false;
  const [word, behind] = [textAt(index).toLowerCase(), textAt(index - 1).toLowerCase()];
  if (behind === '.') return textAt(index - 2).toLowerCase() !== 'pg_catalog' || !isHarmless(word);
  // An alias with the names of its columns.
  return behind !== ')' && behind !== 'as' && !uncalled.has(word) && !isHarmless(word);
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
