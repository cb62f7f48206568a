import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { transactionsOf } from '../../../src/core/flyway/transactions';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { splitScript } from '../../../src/core/sql/splitter';
import { projectRoot } from '../../lab/project-root';
import { lintTexts } from './memory-project';

const fixtures = path.join(projectRoot, 'test/fixtures/lint');
/** Rules that say that Flyway or PostgreSQL refuses the script. */
const refusals = ['flyway/refused-in-transaction', 'flyway/mixed-transaction'];

describe('statements that PostgreSQL 15 was seen to refuse in a transaction', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const procedure = 'CREATE PROCEDURE pr() LANGUAGE plpgsql AS $$ BEGIN IF true THEN COMMIT; END IF; END $$;';
  const base = `${readFileSync(path.join(fixtures, 'locks-base.sql'), 'utf8')}\n${procedure}`;
  const lines = readFileSync(path.join(fixtures, 'not-in-transaction-pg15.txt'), 'utf8').split('\n');
  for (const line of lines) {
    const [, statement, outcome = ''] = /^([A-Z].*) => *(.*)$/.exec(line) ?? [];
    if (statement === undefined) continue;
    it(statement, () => {
      const found = (config: { executeInTransaction?: boolean; mixed?: boolean }, text: string): string[] =>
        lintTexts({ 'V1__base.sql': base, 'V2__x.sql': { text, config } }, grammar)
          .filter((finding) => finding.path === 'V2__x.sql' && refusals.includes(finding.rule))
          .map(({ rule }) => rule);
      // Beside another statement Flyway either refuses the mixture or runs both in a transaction.
      const among = found({}, `SELECT 1;\n${statement};`);
      // Of the subscription only that it is not there was measured.
      if (outcome.includes('does not exist')) return;
      if (outcome === 'OK') assert.ok(!among.includes('flyway/refused-in-transaction'));
      else assert.notDeepEqual(among, [], outcome);
      assert.deepEqual(found({ executeInTransaction: false }, `${statement};`), [], 'outside of one it runs');
    });
  }
});

describe('code that commits', () => {
  it('is refused in a transaction: a DO block, and a procedure as its last definition has it', async () => {
    const grammar = await loadGrammar();
    const procedure = (code: string): string => `CREATE OR REPLACE PROCEDURE p() LANGUAGE plpgsql AS $$ ${code} $$;`;
    const found = (text: string, config = {}): number =>
      lintTexts({ 'V1__a.sql': procedure('BEGIN COMMIT; END'), 'V2__b.sql': { text, config } }, grammar).filter(
        ({ rule }) => rule === 'flyway/refused-in-transaction',
      ).length;
    assert.equal(found('CALL p();'), 1);
    assert.equal(found(`${procedure('DECLARE commit int; BEGIN commit := 1; END')}\nCALL p();`), 0);
    assert.equal(found('CALL nobody_knows();'), 0);
    const block = 'DO $$ BEGIN FOR i IN 1..3 LOOP\n  DELETE FROM t WHERE id = i;\n  COMMIT;\nEND LOOP; END $$;';
    assert.equal(found(block), 1);
    assert.equal(found(block, { executeInTransaction: false }), 0);
    assert.equal(found(block.replace('COMMIT', "RAISE NOTICE 'COMMIT'")), 0);
  });
});

describe('the effective transaction of each statement', () => {
  const of = (script: string, config = {}): unknown => {
    const { mode, of: numbers } = transactionsOf(script, splitScript(script).statements, {
      executeInTransaction: true,
      mixed: false,
      ...config,
    });
    return [mode, numbers];
  };
  const concurrently = 'CREATE INDEX CONCURRENTLY i ON t (a)';
  it('is the script, unless a statement or the configuration says otherwise', () => {
    assert.deepEqual(of('SELECT 1; SELECT 2'), ['transaction', [0, 0]]);
    assert.deepEqual(of('SELECT 1; SELECT 2', { executeInTransaction: false }), ['autocommit', [undefined, undefined]]);
    assert.deepEqual(of(`${concurrently}; VACUUM`), ['autocommit', [undefined, undefined]]);
    assert.deepEqual(of(`SET x = 1; ${concurrently}`), ['refused', [0, 0]]);
    assert.deepEqual(of(`SET x = 1; ${concurrently}`, { mixed: true }), ['autocommit', [undefined, undefined]]);
    assert.deepEqual(of(`SET x = 1; ${concurrently}`, { executeInTransaction: false }), [
      'autocommit',
      [undefined, undefined],
    ]);
  });
  it('ends and begins where the script says so', () => {
    assert.deepEqual(of('SELECT 1; COMMIT; SELECT 2; BEGIN; SELECT 3; ROLLBACK TO x; END; SELECT 4'), [
      'transaction',
      [0, 0, undefined, 1, 1, 1, 1, undefined],
    ]);
  });
});
