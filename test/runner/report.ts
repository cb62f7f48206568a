import { existsSync, readFileSync } from 'node:fs';

/**
 * What a suite tells about itself, a line of JSON for each event, written at once: whoever reads it knows how far a
 * suite came that hangs or crashes.
 */
export type ReportEvent =
  | { readonly event: 'start'; readonly title: string }
  | { readonly event: 'pass'; readonly title: string; readonly ms: number }
  | { readonly event: 'skip'; readonly title: string }
  | { readonly event: 'fail'; readonly title: string; readonly error: string }
  /** The suite came to its end. */
  | { readonly event: 'end' };

export interface Failure {
  readonly title: string;
  readonly error: string;
}

export interface SuiteResult {
  readonly passed: number;
  readonly skipped: readonly string[];
  readonly failures: readonly Failure[];
  /** The tests that took longest, longest first. */
  readonly slowest: readonly { readonly title: string; readonly ms: number }[];
}

/** The complete lines of a report; none when it was not begun. */
export function readEvents(file: string): ReportEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as ReportEvent);
}

/** Sums up a report. One without its end, or with no test at all, counts as a failure. */
export function summarize(events: readonly ReportEvent[], suite: string, trouble = ''): SuiteResult {
  const failures: Failure[] = events.filter((event) => event.event === 'fail');
  const passes = events.filter((event) => event.event === 'pass');
  const skips = events.filter((event) => event.event === 'skip');
  const ended = events.some((event) => event.event === 'end');
  if (!ended) {
    const last = events.findLast((event) => event.event === 'start');
    const where = last ? `It was in "${last.title}".` : 'It ran no test.';
    failures.push({ title: `${suite}: the suite did not come to its end`, error: `${where}\n${trouble}` });
  } else if (passes.length + failures.length + skips.length === 0) {
    failures.push({ title: `${suite}: the suite has no test`, error: trouble });
  } else if (trouble !== '' && failures.length === 0) {
    failures.push({ title: `${suite}: the suite's process failed`, error: trouble });
  }
  return {
    passed: passes.length,
    skipped: skips.map((event) => event.title),
    failures,
    slowest: slowestOf(passes),
  };
}

/** One result of the parts of a suite that ran beside each other. */
export function merge(parts: readonly SuiteResult[]): SuiteResult {
  return {
    passed: parts.reduce((total, part) => total + part.passed, 0),
    skipped: parts.flatMap((part) => part.skipped),
    failures: parts.flatMap((part) => part.failures),
    slowest: slowestOf(parts.flatMap((part) => part.slowest)),
  };
}

function slowestOf(tests: SuiteResult['slowest']): SuiteResult['slowest'] {
  return tests.toSorted((a, b) => b.ms - a.ms).slice(0, 3);
}

/** The one line that ends a run of tests. */
export function summaryLine(results: readonly SuiteResult[]): string {
  const sum = (count: (result: SuiteResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0);
  const skipped = sum((result) => result.skipped.length);
  const line = `${sum((result) => result.passed)} passed, ${sum((result) => result.failures.length)} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
