import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DatabaseKind } from '../../../src/core/flyway/database-kind';
import { lintProject, newMemory } from '../../../src/core/lint/lint-project';
import { loadDialect } from '../../../src/core/rollback/dialects/dialect';
import { splitDialect } from '../../../src/core/rollback/dialects/split-dialect';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { memoryScript, plainConfig } from '../lint/memory-project';

describe('rollback for other databases', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });

  async function lint(kind: DatabaseKind, texts: Readonly<Record<string, string>>): Promise<string[]> {
    const config = { ...plainConfig, database: { value: kind, from: 'the test' } };
    const scripts = Object.entries(texts).map(([name, text]) => memoryScript(name, text, grammar, config));
    const memory = { ...newMemory(grammar), dialect: await loadDialect(kind) };
    return lintProject(scripts, config, { requireReason: true, severities: {} }, memory).map(
      ({ path, rule, severity, start, end }) => `${path} ${rule} ${severity}: ${texts[path]?.slice(start, end) ?? ''}`,
    );
  }

  it('MySQL: what is undone, what is not, what is dropped beside it', async () => {
    const v =
      'CREATE TABLE `t` (id int PRIMARY KEY, a int) ENGINE=InnoDB; # first\nALTER TABLE u ADD COLUMN c int, ADD INDEX c_i (c);\nINSERT INTO t VALUES (1);';
    assert.deepEqual(
      await lint('mysql', {
        'V1__x.sql': v,
        'U1__x.sql': 'ALTER TABLE u DROP INDEX c_i, DROP COLUMN c; DROP TABLE t;',
      }),
      [],
    );
    assert.deepEqual(await lint('mysql', { 'V1__x.sql': v, 'U1__x.sql': 'DROP TABLE t; DROP TABLE w;' }), [
      'U1__x.sql rollback/over-drop error: DROP TABLE w',
      'V1__x.sql rollback/incomplete warning: ALTER TABLE u ADD COLUMN c int, ADD INDEX c_i (c)',
      'V1__x.sql rollback/incomplete warning: ALTER TABLE u ADD COLUMN c int, ADD INDEX c_i (c)',
    ]);
  });

  it('MariaDB: data that is gone wants a reason', async () => {
    const u = { 'U1__x.sql': 'CREATE TABLE t (i int);' };
    assert.deepEqual(await lint('mariadb', { 'V1__x.sql': 'DROP TABLE t;', ...u }), [
      'V1__x.sql rollback/irreversible warning: DROP TABLE t',
    ]);
    assert.deepEqual(
      await lint('mariadb', { 'V1__x.sql': '-- irreversible: unused since 2019\nDROP TABLE t;', ...u }),
      [],
    );
    assert.deepEqual(await lint('mariadb', { 'V1__x.sql': 'DELETE FROM t;' }), [
      'V1__x.sql rollback/undo-missing warning: DELETE FROM t',
    ]);
  });

  it('what the parser does not know is said, and never taken for nothing', async () => {
    const v =
      'DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1; SELECT 2;\nEND//\nDELIMITER ;\nCREATE TABLE t (i int);';
    assert.deepEqual(await lint('mysql', { 'V1__x.sql': v, 'U1__x.sql': 'SELECT 1;' }), [
      'U1__x.sql rollback/empty-undo warning: SELECT 1;',
      'V1__x.sql flyway/not-analyzed information: CREATE PROCEDURE p()',
    ]);
    assert.deepEqual(await lint('oracle', { 'V1__x.sql': 'CREATE TABLE t (i NUMBER);', 'V2__y.sql': 'x' }), [
      'V1__x.sql flyway/not-analyzed information: CREATE TABLE t (i NUMBER);',
    ]);
  });

  it('MySQL: CHANGE is a new name and a new type; of several tables only those written to count', async () => {
    const v = 'ALTER TABLE o MODIFY COLUMN note TEXT;\nALTER TABLE o CHANGE COLUMN note remark TEXT NOT NULL;';
    const undo = async (u: string): Promise<string[]> => lint('mysql', { 'V1__x.sql': v, 'U1__x.sql': u });
    assert.deepEqual(await undo('ALTER TABLE o CHANGE COLUMN remark note VARCHAR(9);'), []);
    assert.deepEqual(await undo('ALTER TABLE o RENAME COLUMN remark TO note;\nALTER TABLE o MODIFY note INT;'), []);
    assert.equal((await undo('ALTER TABLE o RENAME COLUMN remark TO note;')).length, 2);
    const joined = 'UPDATE a x JOIN b y ON x.i = y.i SET x.c = y.c;\nDELETE x FROM a x JOIN b y ON x.i = y.i;';
    assert.deepEqual(await lint('mysql', { 'V1__x.sql': joined }), [
      'V1__x.sql rollback/undo-missing warning: UPDATE a x JOIN b y ON x.i = y.i SET x.c = y.c',
      'V1__x.sql rollback/undo-missing warning: DELETE x FROM a x JOIN b y ON x.i = y.i',
    ]);
  });

  it('an undo that is empty is told', async () => {
    for (const u of ['', '-- nothing', 'SELECT 1;'])
      assert.match(
        (await lint('mariadb', { 'V1__x.sql': 'ALTER TABLE t ADD COLUMN x INT;', 'U1__x.sql': u })).join('\n'),
        /^U1__x.sql rollback\/empty-undo warning/,
      );
    assert.deepEqual(
      await lint('mariadb', { 'V1__x.sql': 'DROP TABLE t;', 'U1__x.sql': '-- irreversible: unused since 2019' }),
      [],
    );
  });

  it('SQL Server: GO divides, brackets quote', async () => {
    const v = 'CREATE TABLE [a;b] (id int)\nGO\nALTER TABLE u ADD c int\nGO\n';
    assert.deepEqual(
      await lint('sqlserver', { 'V1__x.sql': v, 'U1__x.sql': 'ALTER TABLE u DROP COLUMN c\nGO\nDROP TABLE [a;b]\nGO' }),
      [],
    );
  });

  it('keeps names, versions and the rest of the hygiene, and no rule of PostgreSQL', async () => {
    const found = await lint('mysql', { 'V1__x.sql': 'CREATE INDEX i ON t (a);', 'V1.0__y.sql': 'SELECT 1;' });
    assert.ok(
      found.every((line) => !line.includes('safety/') && !line.includes('syntax-error')),
      found.join('\n'),
    );
    assert.equal(found.filter((line) => line.includes('flyway/duplicate-version')).length, 2);
  });

  it('splits whatever stands there, without loss and without end', () => {
    assert.deepEqual(
      splitDialect("/* a; */ INSERT INTO t VALUES ('a;''b', \"c\\\";\", `d;`); -- e;\nSELECT /*! 1; */ 2").map(
        ({ text }) => text,
      ),
      ["INSERT INTO t VALUES ('a;''b', \"c\\\";\", `d;`)", 'SELECT /*! 1', '*/ 2'],
    );
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(';', "'", '"', '`', '[', ']', '\\', '-', '#', '/', '*', '\n', 'G', 'O', ' ', 'a'),
        }),
        (text) => {
          let last = 0;
          for (const { start, end, text: own } of splitDialect(text)) {
            assert.ok(start >= last && end > start && text.slice(start, end) === own);
            last = end;
          }
        },
      ),
    );
  });
});
