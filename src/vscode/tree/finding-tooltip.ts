import { formatLimits, formatValue } from '../../core/format/values';
import { formatDuration } from '../../core/format/quantities';
import { runbookTitle } from '../../core/runbooks/registry';
import type { TreeElement } from './element';
import { oneLine } from './plain-text';
import { readAtText, type TooltipModel } from './tooltips';

/** Explains a finding: what was measured and when, against which limits, what it means, and what to do. */
export function findingTooltip(element: Extract<TreeElement, { kind: 'finding' }>, now: number): TooltipModel {
  const { about, finding, at, sql, past } = element;
  const { severity, words, lines, value, unit, threshold, change } = finding;
  const limits = threshold === null ? '' : ` ${formatLimits(threshold, unit)}`;
  return {
    lines: [
      `${about.title}: ${past ? 'last known' : severity}`,
      `${oneLine(words, 300)}.`,
      ...lines.map((line) => oneLine(line, 600)),
      ...(value === null || (threshold === null && unit === 'count')
        ? limits === ''
          ? []
          : [limits.trim()]
        : [`Measured: ${formatValue(value, unit)}.${limits}`]),
      about.explanation,
      `${readAtText(at, now)} Read every ${formatDuration(about.tierMs / 1000)}. Runbook: ${runbookTitle(about.runbook)}.`,
      ...(change === undefined ? [] : ['The change to make:']),
    ],
    ...(change === undefined ? {} : { sql: change }),
    ...(sql === '' ? {} : { readBy: `-- ${about.title}\n${sql};` }),
  };
}
