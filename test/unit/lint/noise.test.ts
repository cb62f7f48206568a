import assert from 'node:assert/strict';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { lintTexts } from './memory-project';

const base = `CREATE TABLE carts (id bigint PRIMARY KEY, state text NOT NULL, code varchar(20) UNIQUE, total int);
CREATE TABLE lines (cart_id bigint, pos int, PRIMARY KEY (cart_id, pos));
CREATE TYPE point3 AS (x int, y int);`;

describe('lint keeps quiet where a database administrator would shrug', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  /** `rule severity line` of the findings of V2 under the rules asked for. */
  function found(sql: string, ...rules: readonly string[]): string[] {
    return lintTexts({ 'V1__base.sql': base, 'V2__x.sql': sql, 'U2__x.sql': '-- nothing\n' }, grammar)
      .filter(({ path, rule }) => path === 'V2__x.sql' && rules.includes(rule))
      .map(({ rule, severity, start }) => `${rule} ${severity} ${sql.slice(0, start).split('\n').length}`);
  }

  describe('a transaction of its own', () => {
    const rule = 'safety/transaction-control';
    const cases: readonly (readonly [sql: string, findings: readonly string[]])[] = [
      ['BEGIN;\nDELETE FROM carts WHERE id = 1;\nCOMMIT;', [`${rule} warning 1`]],
      ['BEGIN;\nDELETE FROM carts WHERE id = 1;\nCOMMIT;\nROLLBACK;', [`${rule} warning 1`]],
      ['START TRANSACTION;\nDELETE FROM carts WHERE id = 1;', [`${rule} warning 1`]],
      ['DELETE FROM carts WHERE id = 1;\nCOMMIT;', [`${rule} warning 2`]],
      ['BEGIN;\nSELECT 1;\nCOMMIT;\nDELETE FROM carts WHERE id = 1;', [`${rule} error 3`]],
      ['BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nDELETE FROM carts WHERE id = 1;\nCOMMIT;', [`${rule} error 3`]],
      ['DELETE FROM carts WHERE id = 1;\nROLLBACK;', [`${rule} error 2`]],
      ['SAVEPOINT a;\nROLLBACK TO a;\nRELEASE a;', []],
    ];
    for (const [sql, findings] of cases)
      it(JSON.stringify(sql), () => {
        assert.deepEqual(found(sql, rule), findings);
      });
  });

  describe('one table under two names in one transaction', () => {
    const rule = 'safety/many-locks';
    for (const sql of [
      'ALTER TABLE carts RENAME TO baskets;\nALTER TABLE baskets RENAME COLUMN state TO status;',
      'ALTER TABLE carts SET SCHEMA shop;\nALTER TABLE shop.carts OWNER TO app;',
      'ALTER TABLE carts RENAME TO a;\nALTER TABLE a SET SCHEMA shop;\nALTER TABLE shop.a ADD x int;',
    ])
      it(`is one lock: ${JSON.stringify(sql)}`, () => {
        assert.deepEqual(found(sql, rule), []);
      });
    it('is two with another one', () => {
      const sql = 'ALTER TABLE carts RENAME TO baskets;\nALTER TABLE baskets ADD x int;\nALTER TABLE lines ADD y int;';
      assert.deepEqual(found(sql, rule), [`${rule} information 3`]);
      const { message } =
        lintTexts({ 'V1__base.sql': base, 'V2__x.sql': sql }, grammar).find((one) => one.rule === rule) ?? {};
      assert.match(message ?? '', /while the same on carts is held/);
    });
    it('a function is told by its name', () => {
      const { message } =
        lintTexts({ 'V2__x.sql': 'ALTER FUNCTION s.f(int) RENAME TO g;' }, grammar).find(
          (one) => one.rule === 'safety/rename',
        ) ?? {};
      assert.match(message ?? '', /still say s\.f fail/);
    });
  });

  describe('a setting that does not outlive its script', () => {
    const rule = 'safety/set-outlives-transaction';
    const at = (text: string, config = {}): number =>
      lintTexts({ 'V1__a.sql': { text, config } }, grammar).filter((finding) => finding.rule === rule).length;
    it('is reset by the script, or by Flyway before the next one', () => {
      assert.equal(at("SET statement_timeout = '5min';\nSELECT 1;\nRESET statement_timeout;"), 0);
      assert.equal(at("SET statement_timeout = '5min';\nSELECT 1;\nSET statement_timeout TO DEFAULT;"), 0);
      assert.equal(at("SET lock_timeout = '5s';\nSELECT 1;\nRESET ALL;"), 0);
      assert.equal(at('SET ROLE owner;\nSET search_path = shop;'), 0);
    });
    it('and one that does is told, however it is set', () => {
      assert.equal(at("SET statement_timeout = '5min';\nSELECT 1;\nRESET lock_timeout;"), 1);
      assert.equal(at("SELECT pg_catalog.set_config('statement_timeout', '0', false);"), 1);
      assert.equal(at("SELECT set_config('statement_timeout', '0', true);"), 0);
      assert.equal(at('SET search_path = shop;', { connectionSchema: 'core', defaultSchema: 'core' }), 1);
      assert.equal(at('SET search_path = shop;', { connectionSchema: 'core', defaultSchema: 'other' }), 0);
    });
  });

  describe('rows that are named by their key, under a lock', () => {
    const rule = 'safety/work-under-lock';
    const held = 'ALTER TABLE carts ADD COLUMN a int;\n';
    const brief = [
      "UPDATE carts SET state = 'x' WHERE id = 3",
      "UPDATE carts SET state = 'x' WHERE carts.id IN (3, 4) AND total > 1",
      "DELETE FROM carts WHERE code = 'a'::text",
      'DELETE FROM carts WHERE 7 = id OR id = 8',
      'DELETE FROM lines WHERE cart_id = 1 AND pos = 2',
      "UPDATE elsewhere SET a = 1 WHERE id = 'x'",
    ];
    for (const sql of brief)
      it(`brief: ${sql}`, () => {
        assert.deepEqual(found(held + sql, rule), []);
      });
    const long = [
      "UPDATE carts SET state = 'x' WHERE id > 3",
      "UPDATE carts SET state = 'x' WHERE state = 'y'",
      "UPDATE carts SET state = 'x' WHERE id = total",
      "DELETE FROM carts WHERE id = 8 OR state = 'y'",
      'DELETE FROM lines WHERE cart_id = 1',
      'DELETE FROM carts WHERE NOT id = 1',
      'DELETE FROM elsewhere WHERE kind = 1',
    ];
    for (const sql of long)
      it(`long: ${sql}`, () => {
        assert.deepEqual(found(held + sql, rule), [`${rule} warning 2`]);
      });
  });

  it('a table that the transaction has emptied fails for no row, and is rewritten in no time', () => {
    const rules = [
      'safety/add-not-null-column',
      'safety/set-not-null',
      'safety/create-index',
      'safety/work-under-lock',
    ];
    const change =
      'ALTER TABLE carts ADD COLUMN a int NOT NULL;\nALTER TABLE carts ALTER COLUMN total SET NOT NULL;\nCREATE INDEX i ON carts (total);';
    assert.deepEqual(
      found(change, ...rules).map((one) => one.split(' ')[0]),
      rules.slice(0, 3),
    );
    assert.deepEqual(found(`TRUNCATE carts;\n${change}`, ...rules), []);
    assert.deepEqual(found(`TRUNCATE lines;\n${change}`, ...rules).length, 3, 'another table');
    assert.deepEqual(
      found(`TRUNCATE carts;\nINSERT INTO carts VALUES (1, 'a', 'b', 2);\n${change}`, ...rules).length,
      3,
      'rows again',
    );
    assert.deepEqual(found(`TRUNCATE carts;\nCOMMIT;\n${change}`, ...rules).length, 3, 'others may have written since');
  });

  it('an attribute of a composite type is no column of a table', () => {
    const rules = ['safety/change-column-type', 'safety/add-not-null-column', 'safety/drop-column'];
    assert.deepEqual(
      found('ALTER TYPE point3 ALTER ATTRIBUTE x TYPE bigint CASCADE, ADD ATTRIBUTE z int;', ...rules),
      [],
    );
  });

  it('nothing depends on a trigger, a policy or a rule', () => {
    const drops =
      'DROP TRIGGER IF EXISTS a ON carts CASCADE;\nDROP POLICY p ON carts CASCADE;\nDROP RULE r ON carts CASCADE;';
    assert.deepEqual(found(`${drops}\nDROP VIEW v CASCADE;`, 'safety/cascade'), ['safety/cascade warning 4']);
  });

  it('an index that begins as another one is worth a word, the same one again a warning', () => {
    const rule = 'safety/duplicate-index';
    assert.deepEqual(found('CREATE INDEX a ON lines (cart_id);', rule), [`${rule} information 1`]);
    assert.deepEqual(found('CREATE UNIQUE INDEX a ON lines (cart_id, pos);', rule), [`${rule} warning 1`]);
  });

  it('a new column that takes the place of the old one was in use under no other name', () => {
    const rule = 'safety/rename';
    const swap = 'ALTER TABLE carts ADD COLUMN new_state int;\nALTER TABLE carts DROP COLUMN state;\n';
    assert.deepEqual(found(`${swap}ALTER TABLE carts RENAME COLUMN new_state TO state;`, rule), []);
    assert.deepEqual(found('ALTER TABLE carts RENAME COLUMN state TO old_state;', rule), [`${rule} warning 1`]);
  });

  it('what depends on the row is not asked for as a default', () => {
    const message = (value: string): string =>
      lintTexts(
        { 'V1__base.sql': base, 'V2__x.sql': `ALTER TABLE carts ADD COLUMN a int;\nUPDATE carts SET a = ${value};` },
        grammar,
      ).find(({ rule }) => rule === 'safety/missing-where')?.message ?? '';
    assert.match(message("'1'::int"), /A DEFAULT in ADD COLUMN/);
    assert.match(message('total'), /every row of carts.*WHERE true/);
  });

  it('takes the search_path of a user, and an empty one, for that of public', () => {
    for (const path of ['"$user", public', "''"])
      assert.deepEqual(
        found(
          `SET LOCAL search_path = ${path};\nALTER TABLE carts ADD CONSTRAINT c UNIQUE (state);`,
          'safety/unique-using-index',
        ),
        ['safety/unique-using-index warning 2'],
        path,
      );
    const small = lintTexts(
      {
        'V1__base.sql': base,
        'V2__x.sql': 'SET LOCAL search_path = "$user", public;\nALTER TABLE carts DROP COLUMN total;',
      },
      grammar,
    ).find(({ rule }) => rule === 'safety/drop-column');
    assert.match(small?.message ?? '', /name carts\.total/);
  });
});
