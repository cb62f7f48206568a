import type { SqlToken } from '../sql/lexer';
import type { SplitStatement } from '../sql/splitter';
import { isRuleId, type Finding, type FindingSeverity, type RuleId } from './finding';
import type { LintScript } from './lint-script';
import { squawkNames } from './squawk-names';

/**
 * `-- dbops-ignore rule[, rule]: reason` covers the next statement, and what is about the whole file when it stands before
 * the first one; inside a statement it covers the line behind it. `-- dbops-ignore-file rule: reason` covers the file.
 * `-- squawk-ignore rule` and its `-file` are understood where we have the same rule.
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

const pattern = /^[*\s]*(dbops-ignore|squawk-ignore)(-file)?(?=[\s:]|$)\s*:?\s*([^:]*)(?::\s*([\s\S]*))?$/;

/**
 * Takes away what is suppressed, and adds what is wrong with the suppressions themselves. What is about the effects of a V
 * script may be suppressed for its whole file in the U script too, since V must not change once it was applied.
 */
export function applySuppressions(
  scripts: readonly LintScript[],
  findings: ReadonlyMap<string, readonly Finding[]>,
  requireReason: boolean,
): Finding[] {
  const withSome = scripts.filter(({ text }) => text.includes('-ignore'));
  const all = new Map(withSome.map((script) => [script.path, findSuppressions(script)]));
  const used = new Set<Suppression>();
  const isSuppressed = (finding: Finding): boolean => {
    const valid = ({ reason, foreign }: Suppression): boolean => reason !== '' || foreign || !requireReason;
    const here = all.get(finding.path)?.find((one) => valid(one) && covers(one, finding));
    const there =
      finding.partner === undefined
        ? undefined
        : all
            .get(finding.partner)
            ?.find((one) => valid(one) && one.rules.includes(finding.rule) && (one.wholeFile || one.first));
    const hit = here ?? there;
    if (hit) used.add(hit);
    return hit !== undefined;
  };
  const kept = scripts.flatMap(({ path }) => (findings.get(path) ?? []).filter((finding) => !isSuppressed(finding)));
  return [
    ...kept,
    ...[...all].flatMap(([path, own]) =>
      own.flatMap((suppression) => complaints(path, suppression, used.has(suppression), requireReason)),
    ),
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

interface Place {
  readonly comments: readonly SqlToken[];
  readonly covers: Suppression['covers'];
  readonly first: boolean;
}

function findSuppressions(lintScript: LintScript): Suppression[] {
  const { sql: text, statements: script } = lintScript;
  const places = script.statements.flatMap((statement, index): Place[] => [
    { comments: statement.leadingComments, covers: { start: statement.start, end: statement.end }, first: index === 0 },
    ...statement.innerComments.map((comment) => ({
      comments: [comment],
      covers: lineBehind(text, statement, comment),
      first: false,
    })),
  ]);
  const behind: Place = { comments: script.trailingComments, covers: undefined, first: script.statements.length === 0 };
  const inText = <Range extends { readonly start: number; readonly end: number }>(range: Range): Range => ({
    ...range,
    start: lintScript.toText(range.start),
    end: lintScript.toText(range.end),
  });
  return [...places, behind].flatMap((place) =>
    place.comments.flatMap((comment) => {
      const found = suppressionOf(text, comment, place);
      return found ? [{ ...inText(found), covers: found.covers && inText(found.covers) }] : [];
    }),
  );
}

/** From a comment inside a statement to the end of the line on which the statement goes on. */
function lineBehind(text: string, { tokens, end }: SplitStatement, comment: SqlToken): Suppression['covers'] {
  const next = tokens.find((token) => token.start >= comment.end)?.start ?? end;
  const line = /[\r\n]/.exec(text.slice(next, end));
  return { start: comment.end, end: line ? next + line.index : end };
}

function suppressionOf(text: string, comment: SqlToken, { covers: range, first }: Place): Suppression | undefined {
  const body = text
    .slice(comment.start, comment.end)
    .replace(/^--|^\/\*|\*\/$/g, '')
    .trim();
  const match = pattern.exec(body);
  if (!match) return undefined;
  const foreign = match[1] === 'squawk-ignore';
  const names = (match[3] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return {
    rules: foreign ? names.flatMap((name) => squawkNames[name] ?? []) : names,
    reason: (match[4] ?? '').trim(),
    wholeFile: match[2] !== undefined,
    foreign,
    start: comment.start,
    end: comment.end,
    covers: range,
    first,
  };
}
