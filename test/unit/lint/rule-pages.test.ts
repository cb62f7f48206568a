import assert from 'node:assert/strict';
import { rules, type Finding } from '../../../src/core/lint/finding';
import { strongest } from '../../../src/core/lint/impact/impact';
import { lockName } from '../../../src/core/lint/impact/lock-mode';
import { pageOf } from '../../../src/core/lint/rule';
import { allRules } from '../../../src/core/lint/rules/all-rules';
import { statementRules } from '../../../src/core/lint/rules/severities';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { Schema } from '../../../src/core/sql/replay/schema';
import { lintTexts } from './memory-project';
import { replay } from './replayed';
import { rulePages, type PageScript, type RulePage } from './rule-page';

describe('the pages of the rules', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const pages = rulePages();

  it('are there for every rule about statements, and for nothing that is no rule', () => {
    const written = new Set(pages.map(({ rule }) => rule));
    for (const rule of Object.keys(statementRules)) assert.ok(written.has(rule), rule);
    for (const rule of written) assert.ok(Object.hasOwn(rules, rule), rule);
    for (const page of pages) assert.equal(pageOf(page.rule as keyof typeof rules), `docs/rules/${page.file}`);
  });

  it('belong to one rule each', () => {
    const ids = allRules.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.ok(Object.hasOwn(statementRules, id), id);
  });

  for (const page of pages.filter(({ bad }) => bad.length > 0)) {
    describe(page.rule, () => {
      it('says its severity', () => {
        const severity = (rules as Readonly<Record<string, string>>)[page.rule] ?? '';
        assert.match(page.text, new RegExp(`^Severity: ${severity}[;.]`, 'm'));
      });

      it('is found in the bad example, and nothing there is a syntax error', () => {
        const findings = lintPage(page, page.bad);
        const own = findings.filter(({ rule, path }) => rule === page.rule && path !== 'V1__before.sql');
        assert.ok(own.length > 0, JSON.stringify(findings, null, 1));
        assertNoSyntaxError(page, findings);
      });

      it('is not found in the good one', () => {
        const findings = lintPage(page, page.good);
        assert.deepEqual(
          findings.filter(({ rule, path }) => rule === page.rule && path !== 'V1__before.sql'),
          [],
        );
        assertNoSyntaxError(page, findings);
        assert.deepEqual(
          findings.filter(({ severity }) => severity === 'error'),
          [],
          'the good example is free of errors of any kind',
        );
      });

      if (page.locks.length > 0)
        it('states the lock that is predicted for the bad example', () => {
          const schema = new Schema();
          replay(schema, page.before, grammar);
          const impacts = page.bad.flatMap(({ text }) => replay(schema, text, grammar, 'V2__bad.sql'));
          const modes = strongest(impacts.flatMap(({ locks }) => locks));
          for (const { mode, table } of page.locks) {
            const predicted = modes.get(table);
            assert.equal(predicted && lockName(predicted), mode, table);
          }
        });
    });
  }

  function lintPage(page: RulePage, scripts: readonly PageScript[]): Finding[] {
    const texts = scripts.map(
      ({ text, noTransaction }, at) =>
        [`V${at + 2}__example.sql`, { text, config: { executeInTransaction: !noTransaction } }] as const,
    );
    const severities = { [page.rule]: page.text.includes('Severity: off') ? 'warning' : undefined };
    const wanted = Object.fromEntries(Object.entries(severities).filter(([, value]) => value !== undefined));
    return lintTexts({ 'V1__before.sql': page.before, ...Object.fromEntries(texts) }, grammar, {
      severities: wanted as Record<string, 'warning'>,
    });
  }
});

function assertNoSyntaxError(page: RulePage, findings: readonly Finding[]): void {
  if (page.rule === 'flyway/syntax-error') return;
  assert.deepEqual(
    findings.filter(({ rule }) => rule === 'flyway/syntax-error'),
    [],
  );
}
