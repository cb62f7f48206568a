import { escapeMarkdown, markdownTable } from './markdown';

/** A number that a runbook reads before and after; its words are plain text. */
export interface Measure {
  readonly name: string;
  /** As it is shown; null where it is not known, which is never 0. */
  readonly shown: string | null;
  /** Still wrong: the step that verifies is then marked as failed. Unknown is not good. */
  readonly good: boolean | null;
  /** It is good because somebody has decided to leave it so. */
  readonly kept?: boolean;
}

/** What was and what is, side by side; without `before` only what is. */
export function compareMeasures(before: readonly Measure[] | undefined, now: readonly Measure[]): string {
  const rows = now.map(({ name, shown, good, kept }) => {
    const was = before?.find((measure) => measure.name === name)?.shown ?? null;
    const state = good === null ? 'not known' : !good ? '**not yet**' : kept === true ? 'kept by decision' : 'good';
    return [
      escapeMarkdown(name),
      ...(before ? [escapeMarkdown(was ?? 'not known')] : []),
      escapeMarkdown(shown ?? 'not known'),
      state,
    ];
  });
  return markdownTable(['Measure', ...(before ? ['Before'] : []), 'Now', 'State'], rows);
}

export function allGood(measures: readonly Measure[]): boolean {
  return measures.every(({ good }) => good === true);
}
