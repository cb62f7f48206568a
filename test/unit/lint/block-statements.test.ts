import assert from 'node:assert/strict';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { lintTexts } from './memory-project';

const base = 'CREATE TABLE orders (id bigint PRIMARY KEY, status text);';

describe('what a DO block runs', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });

  /** Rule and text of what is found in the second script. */
  function found(text: string): string[] {
    const findings = lintTexts({ 'V1__base.sql': base, 'V2__do.sql': text }, grammar, {
      severities: { 'safety/lock-timeout': 'off', 'rollback/undo-missing': 'off' },
    });
    return findings
      .filter(({ path }) => path === 'V2__do.sql')
      .map(({ rule, start, end }) => `${rule} ${text.slice(start, end)}`);
  }

  it('is looked at where it stands, behind a condition too', () => {
    assert.deepEqual(
      found('DO $$ BEGIN IF true THEN CREATE INDEX i ON orders (status); ELSE DROP TABLE orders; END IF; END $$;'),
      ['safety/create-index CREATE INDEX i ON orders', 'safety/drop-table DROP TABLE orders'],
    );
  });

  it('is looked at in the constant of an EXECUTE, whatever its quotes', () => {
    const index = 'CREATE INDEX i ON orders (status)';
    for (const written of [`'${index}'`, `$q$${index}$q$`])
      assert.deepEqual(found(`DO $$ BEGIN EXECUTE ${written}; END $$;`), [
        'safety/create-index CREATE INDEX i ON orders',
      ]);
    assert.deepEqual(
      found("DO $$ BEGIN\nEXECUTE 'ALTER TABLE orders ADD CONSTRAINT c CHECK (status <> '''')'; END $$;"),
      ["safety/check-not-valid ADD CONSTRAINT c CHECK (status <> '''')"],
    );
  });

  it('is not guessed: a text that is put together, PL/pgSQL of its own, a block in single quotes', () => {
    assert.deepEqual(found("DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'orders'; END $$;"), []);
    assert.deepEqual(found("DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'orders'); END $$;"), []);
    assert.deepEqual(found('DO $$ DECLARE n int; BEGIN SELECT 1 INTO n; END $$;'), []);
    assert.deepEqual(found("DO LANGUAGE plpgsql 'BEGIN NULL; END';"), []);
  });

  it('changes the schema for what stands behind', () => {
    const text = 'DO $$ BEGIN CREATE TABLE fresh (id int PRIMARY KEY, a int); END $$;\nCREATE INDEX i ON fresh (a);';
    assert.deepEqual(found(text), []);
  });

  it('is refused where PostgreSQL refuses it in a transaction, which no .conf takes away', () => {
    const text = 'DO $$ BEGIN CREATE INDEX CONCURRENTLY i ON orders (status); END $$;';
    const own = lintTexts({ 'V1__base.sql': base, 'V2__do.sql': text }, grammar).find(
      ({ rule }) => rule === 'flyway/refused-in-transaction',
    );
    assert.match(own?.message ?? '', /A DO block is always in one/);
  });
});
