import type { Grammar } from '../sql/grammar';
import type { SplitStatement } from '../sql/splitter';
import { classifyAlterTable } from './effect-of-alter-table';
import { classifyStatement } from './effect-of-statement';
import { subcommandRanges } from './subcommands';

/**
 * How hard an effect is to undo. `irreversible`: data is gone, no script alone brings it back. `unknown`: code that cannot
 * be looked into. `none`: nothing that stays.
 */
export type Reversibility = 'none' | 'reversible' | 'unknown' | 'irreversible';

/** What one statement, or one subcommand of ALTER TABLE, does. Offsets are those of the script. */
export interface Effect {
  readonly reversibility: Reversibility;
  /** What it does, for a sentence: "drops the column orders.note and its data". */
  readonly what: string;
  /** The inverse where it is certain from the statement alone. */
  readonly undo: string | undefined;
  readonly start: number;
  readonly end: number;
}

/** An effect before its place in the script is known. */
export type PlainEffect = Pick<Effect, 'reversibility' | 'what' | 'undo'>;

/** The effects of a script, statement by statement. What cannot be parsed is unknown and hides nothing else. */
export function effectsOf(script: string, statements: readonly SplitStatement[], grammar: Grammar): Effect[] {
  const effects: Effect[] = [];
  const savedTables = new Set<string>();
  for (const statement of statements) {
    const text = script.slice(statement.start, statement.end);
    const parsed = grammar.parse(text);
    const place = { start: statement.start, end: statement.end };
    if (!parsed.ok) {
      effects.push({
        reversibility: 'unknown',
        what: 'holds a statement that could not be parsed',
        undo: undefined,
        ...place,
      });
    } else if (parsed.type === 'AlterTableStmt') {
      const parts = classifyAlterTable(parsed.node);
      const ranges = subcommandRanges(script, statement, parts.length);
      parts.forEach((part, index) => effects.push({ ...part, ...(ranges[index] ?? place) }));
    } else {
      effects.push({ ...classifyStatement(parsed.type, parsed.node, savedTables), ...place });
    }
  }
  return effects;
}
