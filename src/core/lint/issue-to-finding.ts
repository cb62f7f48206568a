import { formatBytes, formatCount } from '../format/quantities';
import { rules, type Finding, type RuleId } from './finding';
import type { LintScript } from './lint-script';
import type { Issue } from './rule';
import type { DatabaseFacts } from './script-context';

/** Tables below both are read, indexed and written again in less time than anybody notices. */
const smallRows = 10_000;
const smallBytes = 16 * 1024 ** 2;
/** What a row takes at the least: a tuple header (23 bytes, aligned to 24) and a line pointer. A table that was never counted has no more rows than this allows. */
const leastRowBytes = 28;
/** From here on, work under a lock that stops writes takes minutes. */
const largeBytes = 1024 ** 3;

/**
 * The finding of an issue, in offsets of the file. Where a bound database knows the table, the finding tells its size and
 * its severity follows it; undefined when there is nothing to worry about.
 */
export function findingOf(
  script: LintScript,
  rule: RuleId,
  issue: Issue,
  database: DatabaseFacts | undefined,
): Finding | undefined {
  const base = rules[rule];
  let severity = issue.severity ?? (base === 'off' ? 'warning' : base);
  let { message } = issue;
  const { weighs, related, fix } = issue;
  const size = weighs && database?.sizeOf(weighs.table);
  if (size && weighs.work !== 'brief') {
    const most = size.rows ?? size.bytes / leastRowBytes;
    if (most < smallRows && size.bytes < smallBytes) return undefined;
    if (size.bytes >= largeBytes) severity = 'error';
    const rowCount = size.rows === null ? 'rows that were never counted' : `about ${formatCount(size.rows, 'row')}`;
    message += ` ${weighs.table} has ${rowCount} and ${formatBytes(size.bytes)}.`;
  }
  return {
    path: script.path,
    rule,
    severity,
    message,
    start: script.toText(issue.start),
    end: script.toText(issue.end, true),
    ...(related && { related }),
    ...(fix && { fix }),
  };
}
