import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';
import { OffsetMap } from './offsets';

/** A node of PostgreSQL's parse tree, as libpg-query prints it: one key, the node's type. */
export type TreeNode = Readonly<Record<string, unknown>>;

export type ParseOutcome =
  | { readonly ok: true; readonly type: string; readonly node: TreeNode; readonly offsets: OffsetMap }
  | {
      readonly ok: false;
      readonly message: string;
      /** UTF-16 offset in the statement. */
      readonly at: number;
      /** `limit`: the parser gave up on a statement that may be right, since it is too deep. */
      readonly reason: 'syntax' | 'limit';
    };

/** PostgreSQL's own grammar of 18, one statement at a time. */
export interface Grammar {
  parse(statement: string): ParseOutcome;
}

/** Loads the grammar (WASM, once; some 30 ms). It reads its file from beside the bundle. */
export async function loadGrammar(): Promise<Grammar> {
  await loadModule();
  return { parse };
}

function parse(statement: string): ParseOutcome {
  const offsets = new OffsetMap(statement);
  // Text behind a NUL would be dropped without a word.
  const nul = statement.indexOf('\0');
  if (nul !== -1) return { ok: false, message: 'a NUL character cannot stand in SQL', at: nul, reason: 'syntax' };
  if (statement.trim() === '') return { ok: false, message: 'there is no statement', at: 0, reason: 'syntax' };
  try {
    const { stmts } = parseSync(statement) as { stmts?: readonly { stmt?: TreeNode }[] };
    const [type, node] = Object.entries(stmts?.[0]?.stmt ?? {})[0] ?? [];
    if (type === undefined) return { ok: false, message: 'there is no statement', at: 0, reason: 'syntax' };
    return { ok: true, type, node: node as TreeNode, offsets };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const details = hasSqlDetails(error) ? error.sqlDetails : undefined;
    const at = Math.min(statement.length, offsets.fromCodePoints(details?.cursorPosition ?? 0));
    return { ok: false, message, at, reason: details ? 'syntax' : 'limit' };
  }
}

/** A grammar that keeps what it has parsed until it is told to forget it. */
export class RememberingGrammar implements Grammar {
  /**
   * Made when it is needed, and given up whole: a map that grows or is cleared hangs its entries on its former table, and where
   * that one is old, they are not collected before the next full collection.
   */
  private known: Map<string, ParseOutcome> | undefined;

  private readonly before: ReadonlyMap<string, ParseOutcome> | undefined;

  /** @param before what an earlier version of the same script has parsed */
  constructor(
    private readonly grammar: Grammar,
    private readonly keeps: boolean,
    before?: RememberingGrammar,
  ) {
    // Only its trees: what it had before itself would never be let go.
    this.before = before?.known;
  }

  parse(statement: string): ParseOutcome {
    const known = this.known?.get(statement);
    if (known) return known;
    const outcome = this.before?.get(statement) ?? this.grammar.parse(statement);
    if (this.keeps) (this.known ??= new Map()).set(statement, outcome);
    return outcome;
  }

  forget(): void {
    this.known = undefined;
  }
}
