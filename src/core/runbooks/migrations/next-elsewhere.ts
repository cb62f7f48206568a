import type { Verdict } from '../verdict';

/** Steps that not each runbook of migrations has, and the one that does. */
const homes: Readonly<Record<string, string>> = {
  end: 'Open the Migration Failure runbook, which ends sessions',
  repair: 'Open the Flyway History Review, which shows what repair would do',
};

/** The verdict as a runbook tells it that has these steps: a next step that it lacks is in another runbook. */
export function nextIn<Cause extends string>(verdict: Verdict<Cause>, steps: readonly string[]): Verdict<Cause> {
  const { next } = verdict;
  const home = next && !steps.includes(next.step) ? homes[next.step] : undefined;
  if (!next || home === undefined) return verdict;
  const [what = ''] = next.words.split(/: cell Act|\.$/);
  return { ...verdict, next: { step: next.step, words: `${home}: ${what}.` } };
}
