import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isRuleId, rules } from '../core/lint/finding';
import { pageOf } from '../core/lint/rule';
import { UsageError } from './usage';

/** The page of a rule: from the sources, or from beside the bundle; else what is known without it. */
export async function explain(rule: string): Promise<string> {
  if (!isRuleId(rule)) {
    const near = Object.keys(rules).filter((id) => id.endsWith(`/${rule}`) || id.includes(rule));
    throw new UsageError(
      `There is no rule "${rule}".${near.length > 0 ? ` Did you mean ${near.slice(0, 3).join(', ')}?` : ''}`,
    );
  }
  for (const root of ['..', '../..']) {
    const page = await readFile(path.join(__dirname, root, pageOf(rule)), 'utf8').catch(() => undefined);
    if (page !== undefined) return page.trimEnd();
  }
  return `${rule}: severity ${rules[rule]}. Its page is ${pageOf(rule)} in the sources.`;
}
