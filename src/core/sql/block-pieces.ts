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
