import { blockTexts, codeOf, isStraight } from '../sql/block-pieces';
import type { Grammar, TreeNode } from '../sql/grammar';
import { classifyAlterTable } from './effect-of-alter-table';
import { classifyStatement } from './effect-of-statement';
import { nothing, unknown, type PlainEffect } from './plain-effect';
import type { ScriptMemory } from './script-memory';

/**
 * What a DO block does, as far as its statements can be read; what cannot is one unknown effect. A statement that does not
 * run in any case has no certain inverse.
 */
export function effectsOfBlock(node: TreeNode, grammar: Grammar, memory: ScriptMemory): PlainEffect[] {
  const code = codeOf({ node });
  const texts = code === undefined ? [undefined] : blockTexts(code);
  const straight = code !== undefined && isStraight(code);
  const effects: PlainEffect[] = [];
  let dark = false;
  for (const text of texts) {
    const parsed = text === undefined ? undefined : grammar.parse(text);
    if (parsed?.ok !== true) dark = true;
    else if (parsed.type === 'AlterTableStmt') effects.push(...classifyAlterTable(parsed.node, memory));
    else effects.push(classifyStatement(parsed.type, parsed.node, memory));
  }
  if (dark) effects.push(unknown('runs a DO block, which cannot be looked into'));
  if (effects.length === 0) return [nothing];
  return straight ? effects : effects.map((effect) => ({ ...effect, undo: undefined }));
}
