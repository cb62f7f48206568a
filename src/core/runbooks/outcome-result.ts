import { escapeMarkdown, fenced } from './markdown';
import { outcomeTitles, type Outcome, type OutcomeKind } from './outcome';
import type { StepResult } from './runbook';

const failures: ReadonlySet<OutcomeKind> = new Set(['refused', 'stopped', 'still-there', 'unknown']);

/** How an action ended, as its cell shows it: what it did, as which role, and exactly what was sent. */
export function outcomeResult(outcome: Outcome, role: string): StepResult {
  const sent = outcome.sql !== undefined;
  const ran = sent ? ` By role ${escapeMarkdown(role)}.\n\n${fenced(outcome.sql, 'sql')}` : '';
  return {
    markdown: `**${outcomeTitles[outcome.kind]}.** ${escapeMarkdown(outcome.message)}${ran}`,
    failed: failures.has(outcome.kind),
    acted: sent,
  };
}
