import { escapeMarkdown, fenced } from './markdown';
import { outcomeTitles, type Outcome, type OutcomeKind } from './outcome';
import type { StepResult } from './runbook';

const failures: ReadonlySet<OutcomeKind> = new Set(['refused', 'stopped', 'still-there', 'unknown']);

/**
 * How an action ended, as its cell shows it: what it did, by which role or on which other connection, and exactly what
 * was sent.
 */
export function outcomeResult(outcome: Outcome, by: { readonly role: string } | { readonly on: string }): StepResult {
  const sent = outcome.sql !== undefined;
  const where = 'role' in by ? `By role ${escapeMarkdown(by.role)}` : `On ${escapeMarkdown(by.on)}`;
  const ran = sent ? ` ${where}.\n\n${fenced(outcome.sql, 'sql')}` : '';
  return {
    markdown: `**${outcomeTitles[outcome.kind]}.** ${escapeMarkdown(outcome.message)}${ran}`,
    failed: failures.has(outcome.kind),
    acted: sent,
  };
}
