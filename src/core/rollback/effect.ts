import type { Grammar } from '../sql/grammar';
import { statementsInside, type SplitStatement } from '../sql/splitter';
import { classifyAlterTable } from './effect-of-alter-table';
import { effectsOfBlock } from './effect-of-block';
import { classifyStatement } from './effect-of-statement';
import type { PlainEffect } from './plain-effect';
import { ScriptMemory } from './script-memory';
import { subcommandRanges } from './subcommands';

export type { Reversibility } from './plain-effect';

/** What one statement, or one subcommand of ALTER TABLE, does. Offsets are those of the script. */
export interface Effect extends PlainEffect {
  readonly start: number;
  readonly end: number;
}

/** The effects of a script, statement by statement. What cannot be parsed is unknown and hides nothing else. */
export function effectsOf(script: string, statements: readonly SplitStatement[], grammar: Grammar): Effect[] {
  const memory = new ScriptMemory();
  const effects = statements.flatMap((statement) => effectsOfStatement(script, statement, grammar, memory));
  return effects.map((effect) =>
    effect.creates !== undefined && memory.isGone(effect.creates)
      ? { ...effect, reversibility: 'none' as const, undo: undefined }
      : effect,
  );
}

function effectsOfStatement(
  script: string,
  statement: SplitStatement,
  grammar: Grammar,
  memory: ScriptMemory,
): Effect[] {
  const place = { start: statement.start, end: statement.end };
  const parsed = grammar.parse(script.slice(place.start, place.end));
  if (parsed.ok && parsed.type === 'AlterTableStmt') {
    const parts = classifyAlterTable(parsed.node, memory);
    const ranges = subcommandRanges(script, statement, parts.length);
    return parts.map((part, index) => ({ ...part, ...(ranges[index] ?? place) }));
  }
  if (parsed.ok && parsed.type === 'DoStmt')
    return effectsOfBlock(parsed.node, grammar, memory).map((effect) => ({ ...effect, ...place }));
  if (parsed.ok) return [{ ...classifyStatement(parsed.type, parsed.node, memory), ...place }];
  // A parenthesis that is never closed swallows the statements behind it.
  const inside = statementsInside(script, statement);
  if (inside.length > 1) return inside.flatMap((one) => effectsOfStatement(script, one, grammar, memory));
  const what = 'holds a statement that could not be parsed';
  return [{ reversibility: 'unknown', what, undo: undefined, ...place }];
}
