import type { SplitScript } from '../sql/splitter';
import { isRuleId, type Finding, type FindingSeverity, type RuleId } from './finding';
import type { LintScript } from './lint-script';

/**
 * `-- dbops-ignore rule[, rule]: reason` covers the next statement, and what is about the whole file when it stands before
 * the first one. `-- dbops-ignore-file rule: reason` covers the file. `-- squawk-ignore rule` is understood where we have
 * the same rule.
 */
interface Suppression {
  readonly rules: readonly string[];
  readonly reason: string;
  readonly wholeFile: boolean;
  readonly foreign: boolean;
  readonly start: number;
  readonly end: number;
  /** What it covers; undefined behind the last statement, where it covers nothing. */
  readonly covers: { readonly start: number; readonly end: number } | undefined;
  readonly first: boolean;
}

const pattern = /\b(dbops-ignore(?:-file)?|squawk-ignore)\b\s*:?\s*([^:]*)(?::\s*([\s\S]*))?$/;

/** squawk's names for what we find too. */
const squawkNames: Readonly<Record<string, RuleId>> = {
  'ban-drop-column': 'rollback/undo-missing',
  'ban-drop-table': 'rollback/undo-missing',
  'ban-drop-database': 'rollback/undo-missing',
  'ban-truncate-cascade': 'rollback/undo-missing',
};

/** Takes away what is suppressed, and adds what is wrong with the suppressions themselves. */
export function applySuppressions(script: LintScript, findings: readonly Finding[], requireReason: boolean): Finding[] {
  if (!script.text.includes('-ignore')) return [...findings];
  const all = findSuppressions(script.text, script.statements);
  const used = new Set<Suppression>();
  const kept = findings.filter((finding) => {
    const hit = all.find(
      (suppression) =>
        (suppression.reason !== '' || suppression.foreign || !requireReason) && covers(suppression, finding),
    );
    if (hit) used.add(hit);
    return !hit;
  });
  return [
    ...kept,
    ...all.flatMap((suppression) => complaints(script.path, suppression, used.has(suppression), requireReason)),
  ];
}

function covers(suppression: Suppression, finding: Finding): boolean {
  if (!suppression.rules.includes(finding.rule)) return false;
  if (suppression.wholeFile || (finding.wholeFile === true && suppression.first)) return true;
  const { covers: range } = suppression;
  return range !== undefined && finding.wholeFile !== true && finding.start >= range.start && finding.start < range.end;
}

function complaints(path: string, suppression: Suppression, used: boolean, requireReason: boolean): Finding[] {
  if (suppression.foreign) return [];
  const make = (rule: RuleId, severity: FindingSeverity, message: string): Finding => ({
    path,
    rule,
    severity,
    message,
    start: suppression.start,
    end: suppression.end,
  });
  const unknown = suppression.rules.filter((rule) => !isRuleId(rule));
  if (suppression.rules.length === 0)
    return [make('lint/unknown-rule', 'warning', 'No rule is named. Write: -- dbops-ignore rule: reason')];
  if (unknown.length > 0)
    return [make('lint/unknown-rule', 'warning', `There is no rule ${unknown.map((rule) => `"${rule}"`).join(', ')}.`)];
  if (suppression.reason === '' && requireReason) {
    return [
      make(
        'lint/suppression-without-reason',
        'warning',
        `A reason is required, so nothing is suppressed. Write: -- dbops-ignore ${suppression.rules.join(', ')}: reason`,
      ),
    ];
  }
  return used
    ? []
    : [
        make(
          'lint/unused-suppression',
          'hint',
          'Nothing is suppressed here: the finding is gone, or the comment stands in the wrong place.',
        ),
      ];
}

function findSuppressions(text: string, script: SplitScript): Suppression[] {
  const places = [
    ...script.statements.map((statement, index) => ({
      comments: statement.leadingComments,
      covers: { start: statement.start, end: statement.end },
      first: index === 0,
    })),
    { comments: script.trailingComments, covers: undefined, first: script.statements.length === 0 },
  ];
  return places.flatMap(({ comments, covers: range, first }) =>
    comments.flatMap((comment) => {
      const body = text
        .slice(comment.start, comment.end)
        .replace(/^--|^\/\*|\*\/$/g, '')
        .trim();
      const match = pattern.exec(body);
      if (!match) return [];
      const foreign = match[1] === 'squawk-ignore';
      const names = (match[2] ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '');
      const wholeFile = match[1] === 'dbops-ignore-file';
      return [
        {
          rules: foreign ? names.flatMap((name) => squawkNames[name] ?? []) : names,
          reason: (match[3] ?? '').trim(),
          wholeFile,
          foreign,
          start: comment.start,
          end: comment.end,
          covers: range,
          first,
        },
      ];
    }),
  );
}
