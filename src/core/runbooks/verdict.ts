import { escapeMarkdown } from './markdown';

/** What the evidence means. `cause` is stable, for tests and the incident report; the rest is plain text. */
export interface Verdict<Cause extends string = string> {
  readonly cause: Cause;
  readonly headline: string;
  readonly lines: readonly string[];
  /** The step to take next and what to do there. */
  readonly next?: { readonly step: string; readonly words: string } | undefined;
}

/** A verdict in Markdown, the worst cause first; `others` are causes that were found beside it. */
export function verdictText(verdict: Verdict, others: readonly Verdict[] = []): string {
  const { headline, lines, next } = verdict;
  return [
    `**${escapeMarkdown(headline)}**`,
    ...lines.map(escapeMarkdown),
    ...(next ? [`**Next step:** ${escapeMarkdown(next.words)}`] : []),
    ...(others.length === 0
      ? []
      : [
          '**Also found, to be looked at after it:**',
          others.map((other) => `- ${escapeMarkdown(other.headline)}`).join('\n'),
        ]),
  ].join('\n\n');
}
