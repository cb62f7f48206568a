import assert from 'node:assert/strict';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { compare, fixture, isRisk, pairsOf, shown } from './pairs';

/** Those that a real server did not bring back exactly. */
const inexact = new Set(
  fixture('inverse-roundtrip-pg15.txt')
    .split('\n')
    .flatMap((line) => /^(?:DIFF|U-ERR)\s+(.*?) ###\s+(.*?) => /.exec(line)?.slice(1, 3).join(' ### ') ?? []),
);

describe('V against U, on the pairs that a real server has run', () => {
  let grammar: Grammar;
  const base = fixture('inverse-base.sql');
  before(async () => {
    grammar = await loadGrammar();
  });

  for (const [v, u] of pairsOf('inverse-pairs.txt')) {
    if (inexact.has(`${v} ### ${u}`)) {
      it(`tells that it is not exact: ${v} ### ${u}`, () => assert.notEqual(shown(compare(base, v, u, grammar)), ''));
      continue;
    }
    it(`exact: ${v} ### ${u}`, () =>
      assert.equal(shown(compare(base, v, u, grammar).filter((found) => !isRisk(found))), ''));
    it(`each statement of U is missed: ${v} ### ${u}`, () => {
      const parts = u.split('; ');
      for (const left of parts) {
        const rest = parts.filter((part) => part !== left).join('; ');
        assert.notEqual(shown(compare(base, v, rest, grammar)), '', `without ${left}`);
      }
    });
  }
});

describe('V against U, what is said', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const base = `CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 7, b text NOT NULL);
    CREATE VIEW v AS SELECT id, a FROM t; GRANT SELECT ON v TO app; COMMENT ON VIEW v IS 'the view';`;
  const kinds = (v: string, u: string, on = base): string =>
    compare(on, v, u, grammar)
      .map(({ kind }) => kind)
      .join(' ');
  const message = (v: string, u: string): string => compare(base, v, u, grammar)[0]?.message ?? '';

  it('names the part that is left, at its own subcommand', () => {
    const v = 'ALTER TABLE t ADD COLUMN x int, ADD COLUMN y int;';
    const [found] = compare(base, v, 'ALTER TABLE t DROP COLUMN x', grammar);
    assert.equal(v.slice(found?.cause.start, found?.cause.end), 'ADD COLUMN y int');
    assert.equal(found?.message, 'The undo does not drop the column t.y');
  });

  it('tells the value that was there before', () => {
    assert.equal(
      message('ALTER TABLE t ALTER a SET DEFAULT 8', 'ALTER TABLE t ALTER a DROP DEFAULT'),
      'Not what was there before: the column t.a has no default; before it was 7',
    );
  });

  it('tells what a view loses when it is dropped and made again', () => {
    const found = compare(base, 'DROP VIEW v', 'CREATE VIEW v AS SELECT id, a FROM t', grammar);
    assert.equal(shown(found), 'grants-lost: The view v comes back without the grant of select to app, comment');
  });

  it('tells what PostgreSQL refuses in U', () => {
    const v = 'CREATE TABLE n (i int PRIMARY KEY); CREATE TABLE m (i int REFERENCES n)';
    assert.equal(kinds(v, 'DROP TABLE n; DROP TABLE m'), 'wrong-order');
    assert.equal(kinds(v, 'DROP TABLE m; DROP TABLE n; DROP TABLE n'), 'wrong-order');
    assert.equal(
      kinds('CREATE OR REPLACE VIEW v AS SELECT id, a, b FROM t', 'CREATE OR REPLACE VIEW v AS SELECT id, a FROM t'),
      'undo-fails',
    );
    assert.equal(kinds('ALTER TABLE t ADD x int', 'ALTER TABLE t DROP x; CREATE TABLE t (i int)'), 'undo-fails');
  });

  it('lets partitions go with their parent, and what inherits only with CASCADE', () => {
    const partitioned = `CREATE TABLE logs (day date) PARTITION BY RANGE (day);
      CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2026-02-01') PARTITION BY RANGE (day);
      CREATE TABLE logs_1a PARTITION OF logs_1 FOR VALUES FROM ('2026-01-01') TO ('2026-01-15');
      CREATE INDEX logs_1a_day ON logs_1a (day);`;
    assert.equal(kinds(partitioned, 'DROP TABLE logs'), '');
    assert.equal(
      kinds('CREATE TABLE a (id int); CREATE TABLE b () INHERITS (a);', 'DROP TABLE a'),
      'wrong-order incomplete',
    );
  });

  it('tells what U takes away that V did not make', () => {
    assert.equal(kinds('ALTER TABLE t ADD x int', 'ALTER TABLE t DROP x, DROP b'), 'over-drop');
    assert.equal(kinds('CREATE TABLE IF NOT EXISTS t (i int)', 'DROP TABLE t CASCADE'), 'over-drop');
    assert.equal(kinds('CREATE TABLE IF NOT EXISTS n (i int)', 'DROP TABLE n'), 'may-over-drop');
    assert.equal(kinds('CREATE TABLE n (i int)', 'DROP TABLE n; DROP TABLE IF EXISTS other'), 'may-over-drop');
    assert.equal(kinds('CREATE TABLE n (i int)', 'DROP TABLE n; DELETE FROM t'), 'data-lost');
  });

  it('counts rows, but not those of what goes anyway', () => {
    assert.equal(kinds("INSERT INTO t VALUES (1, 2, 'x')", 'DELETE FROM t WHERE id = 1'), '');
    assert.equal(kinds("INSERT INTO t VALUES (1, 2, 'x')", 'SELECT 1'), 'incomplete');
    assert.equal(kinds('CREATE TABLE n (i int); INSERT INTO n VALUES (1)', 'DROP TABLE n'), '');
    assert.equal(kinds('ALTER TABLE t ADD x int; UPDATE t SET x = 1', 'ALTER TABLE t DROP x'), '');
  });

  it('warns of what may fail on rows written since', () => {
    assert.equal(kinds('ALTER TABLE t ALTER b DROP NOT NULL', 'ALTER TABLE t ALTER b SET NOT NULL'), 'may-fail');
    assert.equal(
      kinds('ALTER TABLE n ALTER i TYPE bigint', 'ALTER TABLE n ALTER i TYPE int', 'CREATE TABLE n (i int)'),
      'may-fail',
    );
    assert.equal(kinds('ALTER TABLE t DROP CONSTRAINT t_pkey', 'ALTER TABLE t ADD PRIMARY KEY (id)'), 'may-fail');
  });

  it('does not take code for nothing', () => {
    assert.equal(kinds('SELECT 1; DO $$ BEGIN EXECUTE x; END $$', 'DROP VIEW v'), 'not-compared not-compared');
    assert.equal(kinds('CREATE TABLE n (i int)', 'DO $$ BEGIN PERFORM clean_up(); END $$'), 'not-compared');
    assert.equal(kinds('DO $$ BEGIN CREATE TABLE n (i int); END $$', 'SELECT 1'), 'incomplete');
    assert.equal(
      kinds("DO $$ BEGIN EXECUTE 'ALTER TABLE t ADD x int; CREATE TABLE n (i int)'; END $$", 'DROP TABLE n'),
      'incomplete',
    );
    assert.equal(kinds("DO LANGUAGE plperl $$ spi_exec_query('DROP TABLE t') $$", 'SELECT 1'), 'not-compared');
  });

  it('takes the same meaning written otherwise for the same', () => {
    const same = (definition: string): string =>
      kinds(
        'DROP VIEW w',
        `CREATE VIEW w AS ${definition}`,
        'CREATE TABLE t (id int, a int); CREATE VIEW w AS SELECT id, sum(a) AS total FROM t GROUP BY 1',
      );
    assert.equal(same('select t.id, SUM(t.a) total from public.t group by t.id'), '');
    assert.equal(same('SELECT x.id AS id, sum(x.a) AS total FROM t AS x GROUP BY x.id'), '');
    assert.equal(same('SELECT id, max(a) AS total FROM t GROUP BY 1'), 'definition-differs');
  });

  it('lets a view keep its tables and columns when these get another name', () => {
    const back = 'ALTER TABLE t RENAME c TO a';
    const v = 'ALTER TABLE t RENAME a TO c; CREATE OR REPLACE VIEW v AS SELECT id, c AS a FROM t;';
    // PostgreSQL has put `c AS a` into the view by itself: the V script has replaced it by what it was.
    assert.equal(kinds(v, back), '');
    assert.equal(kinds(v, `${back}; CREATE OR REPLACE VIEW v AS SELECT id, a FROM t`), '');
    assert.equal(kinds(v, `CREATE OR REPLACE VIEW v AS SELECT id, c AS a FROM t; ${back}`), '');
    const plain = 'CREATE TABLE t (id int, a int); CREATE VIEW v AS SELECT x.id, x.a FROM t x JOIN t y USING (id);';
    const table = 'ALTER TABLE t RENAME TO s; DROP VIEW v; CREATE VIEW v AS SELECT 1 AS one;';
    const made = (from: string): string =>
      `DROP VIEW v; CREATE VIEW v AS SELECT x.id, x.a FROM ${from} x JOIN ${from} y USING (id);`;
    assert.equal(kinds(table, `${made('s')} ALTER TABLE s RENAME TO t`, plain), '');
    assert.equal(kinds(table, `ALTER TABLE s RENAME TO t; ${made('t')}`, plain), '');
    assert.equal(kinds(table, `ALTER TABLE s RENAME TO t; ${made('u')}`, plain), 'definition-differs');
    // A table is no view of the same name.
    const instead = 'DROP TABLE s; CREATE VIEW s AS SELECT id FROM t';
    assert.match(kinds(instead, 'SELECT 1', `${plain} CREATE TABLE s (id int);`), /^incomplete/);
    // Of a table that no script makes, the column is known only from its new name on.
    const unknown = 'CREATE VIEW v AS SELECT id, a FROM other.t';
    const renamed = 'ALTER TABLE other.t RENAME a TO c; DROP VIEW v; CREATE VIEW v AS SELECT id, c FROM other.t';
    const restored = 'ALTER TABLE other.t RENAME c TO a; DROP VIEW v; CREATE VIEW v AS SELECT id, a FROM other.t';
    assert.equal(kinds(renamed, restored, unknown), '');
    assert.equal(kinds(renamed, restored.replace('id, a', 'id, b'), unknown), 'definition-differs');
  });
});
