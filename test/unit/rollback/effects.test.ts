import assert from 'node:assert/strict';
import { effectsOf } from '../../../src/core/rollback/effect';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { splitScript } from '../../../src/core/sql/splitter';

describe('how hard a statement is to undo', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const effects = (script: string) => effectsOf(script, splitScript(script).statements, grammar);

  /** Script, then the verdicts in their order: n(one), r(eversible), u(nknown), i(rreversible). */
  const cases: [string, string, string][] = [
    ['drops', 'DROP TABLE a, s.b; DROP VIEW v; DROP INDEX i; DROP SCHEMA s CASCADE; DROP SEQUENCE q', 'irrir'],
    ['what takes columns with it', 'DROP TYPE t; DROP TYPE t CASCADE; DROP EXTENSION citext CASCADE', 'rii'],
    ['an attribute of a type', 'ALTER TYPE comp DROP ATTRIBUTE a, ADD ATTRIBUTE b int', 'ir'],
    ['rows', 'TRUNCATE a; DELETE FROM a; UPDATE a SET x = 1; INSERT INTO a VALUES (1)', 'iiir'],
    ['an upsert overwrites', 'INSERT INTO a VALUES (1) ON CONFLICT (k) DO UPDATE SET v = 1', 'i'],
    ['one that does nothing does not', 'INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING', 'r'],
    ['rows deleted inside a WITH', 'WITH d AS (DELETE FROM t RETURNING id) SELECT count(*) FROM d', 'i'],
    ['rows moved', 'WITH d AS (DELETE FROM t RETURNING *) INSERT INTO archive SELECT * FROM d', 'r'],
    ['rows moved in part', 'WITH d AS (DELETE FROM t RETURNING *) INSERT INTO archive SELECT * FROM d WHERE x', 'i'],
    ['EXPLAIN ANALYZE runs it', 'EXPLAIN DELETE FROM t; EXPLAIN ANALYZE DELETE FROM t', 'ni'],
    [
      'a backfill of a new column',
      'ALTER TABLE t ADD COLUMN c int; UPDATE t SET c = 1; UPDATE t SET c = 1, d = 2',
      'rni',
    ],
    ['its own table', 'CREATE TABLE n (i int); UPDATE n SET i = 2; DELETE FROM n; ALTER TABLE n DROP COLUMN i', 'rnnn'],
    ['its own table, gone again', 'CREATE TABLE n (i int); DROP TABLE n', 'nn'],
    ['perhaps its own table', 'CREATE TABLE IF NOT EXISTS n (i int); DELETE FROM n', 'ri'],
    ['a copy of all', 'CREATE TABLE b AS SELECT * FROM t; DELETE FROM t; TRUNCATE t; DROP TABLE t', 'rrrr'],
    [
      'a copy of what is overwritten',
      'CREATE TABLE b AS SELECT id, c FROM t; UPDATE t SET c = 1; UPDATE t SET d = 1',
      'rri',
    ],
    ['a copy of a column', 'SELECT id, c INTO b FROM t; ALTER TABLE t DROP COLUMN c, DROP COLUMN d', 'rri'],
    [
      'a copy through a join',
      'CREATE TABLE b AS SELECT o.* FROM t o JOIN x ON true; DELETE FROM t; DELETE FROM x',
      'rri',
    ],
    ['a copy that ends with the session', 'CREATE TEMP TABLE b AS SELECT * FROM t; DELETE FROM t', 'ni'],
    ['no copy: a count', 'CREATE TABLE b AS SELECT count(*) FROM t; DELETE FROM t', 'ri'],
    ['no copy: no data', 'CREATE TABLE b AS SELECT * FROM t WITH NO DATA; DELETE FROM t', 'ri'],
    ['no copy: never true', 'CREATE TABLE b AS SELECT * FROM t WHERE false; DELETE FROM t', 'ri'],
    ['a copy by INSERT', 'INSERT INTO archive SELECT * FROM t; DELETE FROM t', 'rr'],
    [
      'code',
      'DO $$ BEGIN EXECUTE x; END $$; CALL p(); EXECUTE q; SELECT * FROM do_it(); SELECT setval($$s$$, 1)',
      'uuuuu',
    ],
    ['a block that does nothing', "DO $$ BEGIN IF a THEN RAISE NOTICE 'DROP TABLE t'; END IF; END $$", 'n'],
    [
      'a block',
      'DO $$ BEGIN ALTER TABLE t ADD a int, ADD b int; DELETE FROM t; CREATE TYPE e AS ENUM (); END $$',
      'rrir',
    ],
    ['a block with code', "DO $$ BEGIN DELETE FROM t; PERFORM f(); EXECUTE 'DROP TABLE a; SELECT 1'; END $$", 'iinu'],
    ['a block with more', 'DO $$ BEGIN WITH d AS (SELECT 1) DELETE FROM t; CALL p(); END $$', 'iu'],
    ['a block with a variable', 'DO $$ BEGIN WITH d AS (SELECT 1) SELECT 1 INTO n FROM d; END $$', 'u'],
    ['a block that assigns a call', 'DO $$ DECLARE n int; BEGIN n := fill_it(); END $$', 'u'],
    ['a block that asks a call', 'DO $$ BEGIN IF own.fill_it(1) > 3 THEN RAISE NOTICE $n$x$n$; END IF; END $$', 'u'],
    ['a block that loops over a call', 'DO $$ BEGIN FOR r IN SELECT * FROM fill_it() LOOP NULL; END LOOP; END $$', 'u'],
    [
      'a block that loops over a change',
      'DO $$ BEGIN FOR r IN DELETE FROM t RETURNING * LOOP NULL; END LOOP; END $$',
      'u',
    ],
    [
      'a block that only asks',
      "DO $$ DECLARE n numeric(3); BEGIN IF EXISTS (SELECT 1 FROM (VALUES (1)) v (x) WHERE lower('A') IN ('a')) THEN n := 1; END IF; END $$",
      'n',
    ],
    ['a block of another language', "DO LANGUAGE plpython3u $$ plpy.execute('DROP TABLE t') $$", 'u'],
    ['what a block makes', 'DO $$ BEGIN CREATE TABLE n (i int); END $$; DELETE FROM n', 'rn'],
    ['functions that do nothing', "SELECT pg_catalog.set_config('a', '', false), count(*) FROM t", 'n'],
    ['enum values', "ALTER TYPE e ADD VALUE 'x'; ALTER TYPE e RENAME VALUE 'x' TO 'y'", 'ir'],
    ['sequences', 'ALTER SEQUENCE s RESTART; ALTER SEQUENCE s INCREMENT 5', 'ur'],
    ['settings and locks', "SET lock_timeout = '2s'; LOCK TABLE t; COMMIT; ANALYZE t", 'nnnn'],
    ['loading rows', 'CREATE TABLE n (i int); COPY t FROM STDIN;\n1\n\\.\nCOPY n FROM STDIN;\n1\n\\.\n', 'run'],
    ['a table called stdin', 'COPY (SELECT * FROM stdin) TO STDOUT; DROP TABLE t', 'ni'],
    ['a parenthesis left open', 'SELECT (1; DROP TABLE a;\nDROP TABLE b', 'uii'],
    ['types that no script tells', 'ALTER TABLE t ALTER c TYPE bigint', 'u'],
  ];
  for (const [name, script, expected] of cases) {
    it(name, () => {
      const verdicts = effects(script).map((effect) => effect.reversibility.charAt(0));
      assert.equal(verdicts.join(''), expected, JSON.stringify(effects(script), null, 1));
    });
  }

  it('names what is lost', () => {
    const what = (script: string): string => effects(script)[0]?.what ?? '';
    assert.equal(what('DROP TABLE a, s.b'), 'drops the table a, s.b and its data');
    assert.equal(what('UPDATE t SET a = 1, b = 2'), 'overwrites a, b of t, of which the script keeps no copy');
    assert.equal(what('SELECT x.do_it()'), 'calls the function x.do_it, which cannot be looked into');
    assert.equal(what('DROP MATERIALIZED VIEW v'), 'drops the materialized view v');
  });

  it('gives an inverse only where the statement alone makes it certain', () => {
    const undo = (script: string): (string | undefined)[] => effects(script).map((effect) => effect.undo);
    assert.deepEqual(undo('ALTER TABLE IF EXISTS t ADD COLUMN c int'), [undefined]);
    assert.deepEqual(undo('ALTER TABLE t ADD CHECK (a > 0)'), [undefined]);
    assert.deepEqual(undo('DO $$ BEGIN CREATE TABLE n (i int); END $$'), ['DROP TABLE "n"']);
    assert.deepEqual(undo('DO $$ BEGIN IF x THEN CREATE TABLE n (i int); END IF; END $$'), [undefined]);
    assert.deepEqual(undo('ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a)'), [undefined]);
    assert.deepEqual(undo('CREATE OR REPLACE VIEW v AS SELECT 1'), [undefined]);
    assert.deepEqual(undo('ALTER TABLE a RENAME TO b'), ['ALTER TABLE "b" RENAME TO "a"']);
    assert.deepEqual(undo('CREATE POLICY p ON s.t'), ['DROP POLICY "p" ON "s"."t"']);
    // Owned by its column: dropped with the table, so that a DROP of its own would fail.
    assert.deepEqual(undo('CREATE SEQUENCE q; CREATE TABLE n (i int); ALTER SEQUENCE q OWNED BY public.n.i'), [
      undefined,
      'DROP TABLE "n"',
      undefined,
    ]);
    // Tables that refer to each other cannot be dropped before the constraint.
    assert.deepEqual(
      undo(
        'CREATE TABLE a (i int); CREATE TABLE b (i int); ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (i) REFERENCES b',
      ),
      ['DROP TABLE "a"', 'DROP TABLE "b"', 'ALTER TABLE "a" DROP CONSTRAINT "f"'],
    );
  });

  it('points at the subcommand, whatever surrounds it', () => {
    const script =
      'ALTER TABLE ONLY "drop".add /* , */ ADD COLUMN a numeric(10, 2) DEFAULT (1), DROP COLUMN b CASCADE;';
    const places = effects(script).map(({ start, end }) => script.slice(start, end));
    assert.deepEqual(places, ['ADD COLUMN a numeric(10, 2) DEFAULT (1)', 'DROP COLUMN b CASCADE']);
  });
});
