import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isRuleId, rules, type RuleId } from '../core/lint/finding';
import { pageOf } from '../core/lint/rule';
import { UsageError } from './usage';

/** The page of a rule: from the sources, or from `rule-pages.json` beside the bundle; else what is known without it. */
export async function explain(rule: string): Promise<string> {
  if (!isRuleId(rule)) {
    const near = Object.keys(rules).filter((id) => id.endsWith(`/${rule}`) || id.includes(rule));
    throw new UsageError(
      `There is no rule "${rule}".${near.length > 0 ? ` Did you mean ${near.slice(0, 3).join(', ')}?` : ''}`,
    );
  }
  const page = await readFile(path.join(__dirname, '..', '..', pageOf(rule)), 'utf8').catch(() => bundled(rule));
  if (page !== undefined) return page.trimEnd();
  return `${rule}: severity ${rules[rule]}. Its page is ${pageOf(rule)} in the sources.`;
}

async function bundled(rule: RuleId): Promise<string | undefined> {
  const content = await readFile(path.join(__dirname, 'rule-pages.json'), 'utf8').catch(() => undefined);
  const pages = content === undefined ? {} : (JSON.parse(content) as Readonly<Record<string, string>>);
  return pages[path.posix.basename(pageOf(rule))];
}
