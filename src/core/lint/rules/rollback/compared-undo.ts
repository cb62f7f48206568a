import type { Discrepancy, DiscrepancyKind } from '../../../rollback/discrepancy';
import type { UndoComparison } from '../../../rollback/undo-comparison';
import type { Finding, FindingSeverity, RuleId } from '../../finding';
import type { LintScript } from '../../lint-script';
import type { UndoPair } from '../../undo-pairs';
import { isEmptyUndo } from './empty-undo';
import { irreversibleRanges } from './irreversible';

const ruleOf: Readonly<Record<DiscrepancyKind, readonly [RuleId, FindingSeverity]>> = {
  incomplete: ['rollback/incomplete', 'warning'],
  stays: ['rollback/incomplete', 'information'],
  'undo-fails': ['rollback/undo-fails', 'error'],
  'wrong-order': ['rollback/wrong-order', 'error'],
  'over-drop': ['rollback/over-drop', 'error'],
  'may-over-drop': ['rollback/over-drop', 'information'],
  'wrong-previous-value': ['rollback/wrong-previous-value', 'warning'],
  'definition-differs': ['rollback/definition-differs', 'warning'],
  'grants-lost': ['rollback/grants-lost', 'warning'],
  'column-order': ['rollback/column-order', 'information'],
  'data-lost': ['rollback/data-lost', 'warning'],
  'may-fail': ['rollback/may-fail-on-data', 'information'],
  'not-compared': ['rollback/not-compared', 'information'],
};

/**
 * What is left when a V script and then its U script have run, against what was there before: an effect that is not taken
 * back is shown in V, what U does wrong in U.
 */
export function comparedUndo(pairs: readonly UndoPair[], comparison: UndoComparison): Finding[] {
  const found = comparison.compare(pairs);
  return pairs.flatMap(({ versioned, undo }, index) => {
    if (!undo || isEmptyUndo(undo)) return [];
    const lost = irreversibleRanges(versioned);
    return (
      (found[index] ?? [])
        // That rows are gone for good, and acknowledged or not, is told by the rule about that.
        .filter(
          ({ rows, kind, cause }) =>
            !(
              rows === true &&
              kind === 'incomplete' &&
              lost.some(({ start, end }) => start <= cause.start && cause.start < end)
            ),
        )
        .map((discrepancy) => findingOf(discrepancy, versioned, undo))
    );
  });
}

function findingOf({ kind, cause, message }: Discrepancy, versioned: LintScript, undo: LintScript): Finding {
  const [rule, severity] = ruleOf[kind];
  const [here, there] = cause.side === 'undo' ? [undo, versioned] : [versioned, undo];
  const end = firstLineEnd(here.sql, cause.start, cause.end);
  return {
    path: here.path,
    rule,
    severity,
    message: `${message}${cause.side === 'undo' ? '' : ` (${undo.name})`}.`,
    start: here.toText(cause.start),
    end: here.toText(end),
    related: [{ path: there.path, message: cause.side === 'undo' ? 'The V script' : 'The undo script' }],
    partner: undo.path,
  };
}

/** A finding is drawn on one line. */
function firstLineEnd(text: string, start: number, end: number): number {
  const line = /[\r\n]/.exec(text.slice(start, end));
  return line ? start + line.index : end;
}
