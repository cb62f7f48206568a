import assert from 'node:assert/strict';
import {
  acknowledge,
  applyEdits,
  setLockTimeout,
  validateLater,
  type FixScope,
  type ScriptFix,
} from '../../../src/core/lint/fix-edits';
import type { FlywayConfig } from '../../../src/core/flyway/flyway-config';
import { parseVersion } from '../../../src/core/flyway/version';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import type { ParsedStatement } from '../../../src/core/sql/parsed-statement';
import { lintTexts, memoryScript, plainConfig } from './memory-project';

const base =
  'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, email text);\nCREATE TABLE customers (id bigint PRIMARY KEY);\n';

describe('fixes, linted again', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });

  function scopeOf(text: string): { scope: FixScope; statements: ParsedStatement[] } {
    const script = memoryScript('V2__x.sql', text, grammar);
    const statements = [...script.parts()].flatMap((part) => ('statement' in part ? [part.statement] : []));
    return { scope: { script, config: plainConfig, versions: [parseVersion('1')!, parseVersion('2')!] }, statements };
  }

  /** The rules that find something in V2 and in the new files, before and after the fix. */
  function rulesOf(
    text: string,
    fix: ScriptFix | undefined,
  ): { before: string[]; after: string[]; texts: Record<string, string> } {
    const config = { transactionalLock: false };
    const texts: Record<string, string> = { 'V2__x.sql': applyEdits(text, fix?.edits ?? []) };
    for (const { name, text: made } of fix?.files ?? []) if (!name.endsWith('.conf')) texts[name] = made;
    const confs = new Set((fix?.files ?? []).map(({ name }) => name).filter((name) => name.endsWith('.conf')));
    const lint = (given: Record<string, string>): string[] =>
      lintTexts(
        Object.fromEntries<string | { text: string; config: Partial<FlywayConfig> }>([
          ['V1__base.sql', base],
          ...Object.entries(given).map(
            ([name, sql]) =>
              [name, { text: sql, config: { ...config, executeInTransaction: !confs.has(`${name}.conf`) } }] as const,
          ),
        ]),
        grammar,
      )
        .filter(({ path, rule }) => path !== 'V1__base.sql' && !rule.startsWith('rollback/'))
        .map(({ rule }) => rule);
    return { before: lint({ 'V2__x.sql': text }), after: lint(texts), texts };
  }

  it('a lock time-out is set for the transaction', () => {
    const text = '\ufeffALTER TABLE orders ADD COLUMN note text;\r\n';
    const { scope } = scopeOf(text);
    const { before: found, after, texts } = rulesOf(text, setLockTimeout(scope));
    assert.ok(found.includes('safety/lock-timeout'));
    assert.ok(!after.includes('safety/lock-timeout'), after.join());
    assert.equal(
      texts['V2__x.sql'],
      "\ufeffSET LOCAL lock_timeout = '2s';\r\nALTER TABLE orders ADD COLUMN note text;\r\n",
    );
  });

  it('a foreign key and a check are validated by a later version', () => {
    const text =
      'ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES customers (id), ADD CONSTRAINT ck CHECK (id > 0);';
    const { scope, statements } = scopeOf(text);
    const { before: found, after, texts } = rulesOf(text, validateLater(scope, statements[0]!));
    assert.ok(found.includes('safety/foreign-key-not-valid') && found.includes('safety/check-not-valid'));
    assert.equal(
      texts['V3__validate_fk.sql'],
      'ALTER TABLE "orders" VALIDATE CONSTRAINT "fk";\nALTER TABLE "orders" VALIDATE CONSTRAINT "ck";\n',
    );
    for (const rule of [
      'safety/foreign-key-not-valid',
      'safety/check-not-valid',
      'safety/validate-in-same-transaction',
    ])
      assert.ok(!after.includes(rule), rule);
  });

  it('an acknowledgement takes the finding away', () => {
    const text = 'SELECT 1;\n  DROP TABLE customers;\n';
    const { scope } = scopeOf(text);
    const fixed = applyEdits(text, acknowledge(scope, text.indexOf('TABLE'), 'moved to\nthe billing service').edits);
    assert.equal(fixed, 'SELECT 1;\n  -- irreversible: moved to the billing service\n  DROP TABLE customers;\n');
    const rules = (sql: string): string[] =>
      lintTexts(
        { 'V1__base.sql': base, 'V2__x.sql': sql, 'U2__x.sql': 'CREATE TABLE customers (id bigint PRIMARY KEY);' },
        grammar,
      ).map(({ rule }) => rule);
    assert.ok(rules(text).includes('rollback/irreversible'));
    assert.ok(!rules(fixed).includes('rollback/irreversible'));
  });

  it('offers nothing for what it does not understand', () => {
    const { scope, statements } = scopeOf('ALTER TABLE orders ADD UNIQUE (email), DROP COLUMN id; SELECT 1;');
    for (const statement of statements) {
      assert.equal(validateLater(scope, statement), undefined);
    }
  });
});
