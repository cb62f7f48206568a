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
  'create alter drop insert update delete truncate grant revoke comment refresh reindex execute'.split(' '),
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

/** The text of a DO block, or of a function or a procedure that is made; undefined where it is no text. */
export function codeOf({ node }: { readonly node: TreeNode }): string | undefined {
  for (const item of [...listOf(node, 'args'), ...listOf(node, 'options')]) {
    const option = nodeOf(item, 'DefElem');
    if (textOf(option, 'defname') !== 'as') continue;
    const value = nodeOf(option, 'arg');
    return textOf(nodeOf(nodeOf(value, 'List') ? listOf(nodeOf(value, 'List'), 'items')[0] : value, 'String'), 'sval');
  }
  return undefined;
}
