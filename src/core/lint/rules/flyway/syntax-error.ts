import type { BrokenStatement } from '../../../sql/parsed-statement';
import type { LintScript } from '../../lint-script';
import type { Issue } from '../../rule';

/** `flyway/syntax-error`: what PostgreSQL's own grammar refuses. */
export function syntaxError(script: LintScript, broken: BrokenStatement): Issue {
  const { statements } = script.statements;
  const at = Math.min(Math.max(broken.at, broken.start), broken.end);
  const owner = statements.find(({ start, end }) => start <= at && at <= end);
  const token = owner?.tokens.find((one) => one.end > at);
  const start = token?.start ?? broken.start;
  const end = Math.min(token?.end ?? broken.end, start + 200);
  if (broken.reason === 'limit')
    return {
      start: broken.start,
      end: Math.min(broken.end, broken.start + 200),
      severity: 'information',
      message: 'This statement is nested too deep to be looked into here. What it does is not known.',
    };
  const message = shortened(script.resolve(broken.message));
  // A placeholder without a known value is covered by a word, which may not fit in its place.
  if (script.isOpen(script.sql.slice(broken.start, broken.end)))
    return {
      start,
      end,
      severity: 'information',
      message: `With its placeholders left open this statement cannot be parsed (${message}), so what it does is not known.`,
    };
  return { start, end, message: `PostgreSQL refuses this: ${message}.` };
}

/** The grammar quotes what it stops at, which may be all of the script that is left: one line of it is enough. */
function shortened(message: string): string {
  const [quote] = /(?<=at or near ").*(?="$)/s.exec(message) ?? [];
  if (quote === undefined || (quote.length <= 40 && !/[\r\n]/.test(quote))) return message;
  const line = /^.{0,40}/.exec(quote.trim())?.[0] ?? '';
  return message.replace(quote, () => `${line}…`);
}

/** A block comment that never ends takes the rest of the script with it, and PostgreSQL refuses it. */
export function unterminatedComment(script: LintScript): Issue[] {
  const { statements, trailingComments } = script.statements;
  const last = [...trailingComments, ...(statements.at(-1)?.innerComments ?? [])].find((one) => one.unterminated);
  return last
    ? [{ start: last.start, end: last.start + 2, message: 'PostgreSQL refuses this: the comment never ends.' }]
    : [];
}
