import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/lint/finding';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { lintTexts } from '../lint/memory-project';
import { rulePages } from '../lint/rule-page';

const names: Readonly<Record<string, string>> = {
  versioned: 'V2__example.sql',
  undo: 'U2__example.sql',
  repeatable: 'R__example.sql',
};

/** The scripts of a page's example: `sql bad-versioned`, `sql bad-undo` … */
function example(page: string, which: 'bad' | 'good'): Record<string, string> {
  const blocks = [...page.matchAll(/^```sql (bad|good)-(versioned|undo|repeatable)\n([\s\S]*?)^```$/gm)];
  return Object.fromEntries(
    blocks.filter(([, kind]) => kind === which).map(([, , script = '', text = '']) => [names[script] ?? '', text]),
  );
}

describe('the pages of the rollback rules', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const pages = rulePages().filter(({ text }) => text.includes('```sql bad-versioned'));
  assert.ok(pages.length >= 17);

  for (const { rule, text, before: schema } of pages) {
    const lint = (which: 'bad' | 'good'): Finding[] =>
      lintTexts({ 'V1__before.sql': schema, ...example(text, which) }, grammar);
    const own = (findings: readonly Finding[]): Finding[] => findings.filter((finding) => finding.rule === rule);
    // What V1 itself has no undo for is not the example's.
    const inExample = ({ path }: Finding): boolean => path !== 'V1__before.sql';

    it(`${rule}: is found in the bad example`, () => {
      const findings = lint('bad');
      assert.ok(own(findings).length > 0, JSON.stringify(findings, null, 1));
      assert.match(text, new RegExp(`^Severity: .*\\b${own(findings)[0]?.severity ?? ''}\\b`, 'm'));
    });

    it(`${rule}: nothing about rollback is found in the good one`, () => {
      const findings = lint('good').filter(inExample);
      assert.deepEqual(
        findings.filter(({ rule: id }) => id.startsWith('rollback/') && !id.endsWith('/may-fail-on-data')),
        [],
      );
    });

    it(`${rule}: the suppression that the page shows takes it away`, () => {
      const comment = /^-- dbops-ignore.*$/m.exec(text.slice(text.indexOf('Suppress it')))?.[0] ?? '';
      const scripts = example(text, 'bad');
      const suppressed = Object.fromEntries(Object.entries(scripts).map(([name, sql]) => [name, `${comment}\n${sql}`]));
      const findings = lintTexts({ 'V1__before.sql': schema, ...suppressed }, grammar);
      assert.ok(
        own(findings).length < own(lint('bad')).length || own(findings).length === 0,
        JSON.stringify(own(findings)),
      );
    });
  }
});
