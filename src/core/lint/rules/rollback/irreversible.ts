import type { Effect } from '../../../rollback/effect';
import { relationKey } from '../../../rollback/script-memory';
import { nodeOf, nodesOf, relationOf, textOf } from '../../../rollback/tree';
import type { Finding, RuleId } from '../../finding';
import type { LintScript } from '../../lint-script';
import type { UndoPair } from '../../undo-pairs';

/** Changes of rows, for which a copy made before is the way out. */
const ofRows = /^(overwrites|deletes|empties|merges|inserts)/;

/**
 * `rollback/irreversible` and `rollback/no-backup`: there is a U script, and yet data of V's statement is gone for good. A
 * comment that says why takes the finding away: `-- irreversible: reason` before the statement, or in the U script.
 */
export function irreversible(
  pairs: readonly UndoPair[],
  effectsOf: (script: LintScript) => readonly Effect[],
): Finding[] {
  return pairs.flatMap(({ versioned, undo }) => {
    if (!undo || acknowledgementIn(undo) !== undefined) return [];
    return effectsOf(versioned)
      .filter(
        (effect) =>
          effect.reversibility === 'irreversible' && !isAcknowledged(versioned, effect) && !isFilledAgain(undo, effect),
      )
      .map((effect): Finding => {
        const rule: RuleId = ofRows.test(effect.what) ? 'rollback/no-backup' : 'rollback/irreversible';
        const way = rule === 'rollback/no-backup' ? 'Keep a copy in a table before' : `No undo ${undoneBy(effect)}`;
        return {
          path: versioned.path,
          rule,
          severity: 'warning',
          message: `Irreversible although there is ${undo.name}: this ${effect.what}. ${way}, or say why that may be: -- irreversible: reason`,
          start: versioned.toText(effect.start),
          end: versioned.toText(effect.end),
          related: [{ path: undo.path, message: 'The undo script' }],
          partner: undo.path,
        };
      });
  });
}

/** What would have to happen: data comes back, a value of an enum goes. */
function undoneBy({ what }: Effect): string {
  return what.startsWith('adds ') ? 'takes it out' : 'brings it back';
}

/** Whether the undo computes a dropped column from what is left: another column, another table. */
function isFilledAgain(undo: LintScript, { facts }: Effect): boolean {
  const gone = (facts ?? []).flatMap((fact) => (fact.kind === 'no-column' ? [fact] : []));
  if (gone.length === 0) return false;
  const filled = new Set<string>();
  for (const part of undo.parts()) {
    if (!('statement' in part) || part.statement.type !== 'UpdateStmt') continue;
    const { node } = part.statement;
    const table = relationOf(nodeOf(node, 'relation'));
    for (const target of nodesOf(node, 'targetList', 'ResTarget'))
      if (table && nodeOf(target, 'val') && !nodeOf(nodeOf(target, 'val'), 'A_Const'))
        filled.add(`${undo.resolve(relationKey(table))}.${textOf(target, 'name') ?? ''}`);
  }
  return gone.every(({ table, column }) => filled.has(`${table}.${column}`));
}

/** The places of a V script whose data is gone, acknowledged or not. */
export function irreversibleRanges(versioned: LintScript): readonly { readonly start: number; readonly end: number }[] {
  return versioned.effects.filter((effect) => effect.reversibility === 'irreversible');
}

const pattern = /\birreversible\b\s*[:\u2013\u2014-]+\s*(\S[^\n]*)/i;

/** The reason of an acknowledgement anywhere in a script's comments. */
export function acknowledgementIn(script: LintScript): string | undefined {
  const { statements, trailingComments } = script.statements;
  const comments = [
    ...statements.flatMap(({ leadingComments, innerComments }) => [...leadingComments, ...innerComments]),
    ...trailingComments,
  ];
  return reasonIn(script, comments);
}

/** Whether a comment before the statement, or inside of it, says why its data may go. */
export function isAcknowledged(script: LintScript, effect: { readonly start: number; readonly end: number }): boolean {
  const statement = script.statements.statements.find(({ start, end }) => start <= effect.start && effect.start < end);
  return (
    statement !== undefined &&
    reasonIn(script, [...statement.leadingComments, ...statement.innerComments]) !== undefined
  );
}

function reasonIn(
  script: LintScript,
  comments: readonly { readonly start: number; readonly end: number }[],
): string | undefined {
  for (const { start, end } of comments) {
    const reason = pattern.exec(script.sql.slice(start, end))?.[1];
    if (reason !== undefined) return reason;
  }
  return undefined;
}
