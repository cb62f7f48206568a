import { listOf, nodeOf } from '../../../rollback/tree';
import type { Finding } from '../../finding';
import type { LintScript } from '../../lint-script';
import type { UndoPair } from '../../undo-pairs';
import { acknowledgementIn } from './irreversible';

/** `rollback/empty-undo`: a U script that does nothing: no statement, or only `SELECT 1`. */
export function emptyUndo(pairs: readonly UndoPair[]): Finding[] {
  return pairs.flatMap(({ versioned, undo }): Finding[] => {
    if (!undo || !isEmptyUndo(undo)) return [];
    const effects = versioned.effects.filter((effect) => effect.reversibility !== 'none');
    const [first] = effects;
    if (!first || acknowledgementIn(undo) !== undefined) return [];
    const more =
      effects.length > 1 ? ` and has ${effects.length - 1} more ${effects.length === 2 ? 'effect' : 'effects'}` : '';
    return [
      {
        path: undo.path,
        rule: 'rollback/empty-undo',
        severity: 'warning',
        message: `This undo does nothing, and Flyway takes ${versioned.name} for undone: that script ${first.what}${more}. Write the inverse, or say why there is none: -- irreversible: reason`,
        ...undo.head,
        wholeFile: true,
        related: [{ path: versioned.path, message: 'The V script' }],
      },
    ];
  });
}

/** Whether a script holds no statement that does anything. */
export function isEmptyUndo(undo: LintScript): boolean {
  for (const part of undo.parts()) {
    if (!('statement' in part)) return false;
    const { type, node } = part.statement;
    const reads =
      type === 'SelectStmt' &&
      listOf(node, 'fromClause').length === 0 &&
      nodeOf(node, 'intoClause') === undefined &&
      !JSON.stringify(node).includes('"FuncCall"');
    if (!reads && type !== 'VariableSetStmt' && type !== 'TransactionStmt') return false;
  }
  return true;
}
