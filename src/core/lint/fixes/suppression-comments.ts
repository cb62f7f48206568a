import { phrase } from '../../format/phrase';
import { rules } from '../finding';
import { nearestRule } from '../rule-names';
import { acknowledge } from '../fix-edits';
import { editOnly, inProject, reasonMark, scopeOf, type FixPlace, type ProjectFix } from './project-fix';

/** Says why the data may go; the person is asked for the reason. */
export function acknowledged(place: FixPlace): ProjectFix {
  const { script, finding } = place;
  const at = script.statements.statements.find(
    ({ start, end }) => script.toText(start) <= finding.start && finding.start < script.toText(end, true),
  );
  const fix = inProject(place, acknowledge(scopeOf(place), at?.start ?? 0, reasonMark));
  return { ...fix, asksReason: true };
}

/** A comment that suppresses nothing goes, with its line when nothing else stands there. */
export function withoutSuppression(place: FixPlace): ProjectFix {
  const { text } = place.script;
  const { start, end } = place.finding;
  const before = /(^|[\r\n])[ \t]*$/.exec(text.slice(0, start));
  const behind = /^[ \t]*(\r\n|\r|\n|$)/.exec(text.slice(end));
  const whole = before && behind;
  const from = whole ? start - (before[0].length - (before[1] ?? '').length) : start;
  return editOnly(place, phrase('Remove the comment'), {
    start: from,
    end: whole ? end + behind[0].length : end,
    text: '',
  });
}

/** The rule that was meant. */
export function meantRule(place: FixPlace): ProjectFix | undefined {
  const { script, finding } = place;
  const comment = script.text.slice(finding.start, finding.end);
  const names = [...comment.matchAll(/[\w-]+\/[\w-]+/g)];
  const wrong = names.find(([name]) => !Object.hasOwn(rules, name));
  const meant = wrong && nearestRule(wrong[0]);
  if (!wrong || meant === undefined) return undefined;
  const start = finding.start + wrong.index;
  return editOnly(place, phrase('Write {0}', meant), { start, end: start + wrong[0].length, text: meant });
}

/** A reason behind a suppression that has none. */
export function givenReason(place: FixPlace): ProjectFix {
  const { script, finding } = place;
  const comment = script.text.slice(finding.start, finding.end);
  const head =
    /^(--|\/\*)\s*dbops-ignore(-file)?\s*:?\s*[^:*]*?(?=\s*(:\s*)?(\*\/)?\s*$)/.exec(comment)?.[0] ?? comment;
  const tail = comment.startsWith('/*') ? ' */' : '';
  const fix = editOnly(place, phrase('Give a reason…'), {
    start: finding.start,
    end: finding.end,
    text: `${head}: ${reasonMark}${tail}`,
  });
  return { ...fix, asksReason: true };
}
