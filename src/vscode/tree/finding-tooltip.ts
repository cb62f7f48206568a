import { formatLimits, formatValue } from '../../core/format/values';
import { formatDuration } from '../../core/format/quantities';
import type { RunbookId } from '../../core/health/signal';
import type { TreeElement } from './element';
import { oneLine } from './plain-text';
import { readAtText, type TooltipModel } from './tooltips';

const runbookTitles: Readonly<Record<RunbookId, string>> = {
  'pool-exhaustion': 'Connection Pool Exhaustion',
  'replication-lag': 'Replication Lag',
  'lock-contention': 'Database Lock Contention',
  'migration-rollback': 'Migration Rollback',
  scaling: 'Scaling',
  'migration-failure': 'Migration Failure',
  'database-unavailable': 'Database Unavailable',
  backup: 'Backup and Recovery',
  vacuum: 'Vacuum and Analyze',
  reindex: 'Index Maintenance',
};

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
      `${readAtText(at, now)} Read every ${formatDuration(about.tierMs / 1000)}. Runbook: ${runbookTitles[about.runbook]}.`,
      ...(change === undefined ? [] : ['The change to make:']),
    ],
    ...(change === undefined ? {} : { sql: change }),
    ...(sql === '' ? {} : { readBy: `-- ${about.title}\n${sql};` }),
  };
}
