import assert from 'node:assert/strict';
import { checkOwnFile } from '../../../src/core/runbooks/own/own-file';
import { ownStatement } from '../../../src/core/runbooks/own/own-statement';
import { formatRunbook, parseRunbook } from '../../../src/core/runbooks/runbook-file';

const file = (text: string, kind?: string): string =>
  formatRunbook({
    runbook: 'own',
    version: 1,
    connection: undefined,
    cells: [{ step: 'a', language: 'sql', text, output: undefined, ...(kind === undefined ? {} : { kind }) }],
  });

describe('a statement of a runbook of the workspace', () => {
  it('reads: one statement, comments and a semicolon around it', () => {
    for (const sql of [
      'SELECT 1',
      '-- why\n(select 1);',
      'WITH a AS (SELECT 1) TABLE a',
      'SHOW work_mem',
      'EXPLAIN SELECT 1',
      'VALUES (1)',
    ])
      assert.equal(ownStatement(sql, false).ok, true, sql);
  });

  it('does not act unless it is marked', () => {
    for (const sql of [
      'DELETE FROM t',
      'DO $$ BEGIN END $$',
      "COPY t TO PROGRAM 'x'",
      'SELECT 1; DROP TABLE t',
      'SELECT pg_terminate_backend(1)',
      'SELECT pg_catalog."pg_terminate_backend"(1)',
      'SELECT PG_Terminate_Backend(1)',
      "SELECT query_to_xml('select 1', true, true, '')",
      "SELECT set_config('transaction_read_only', 'off', true)",
      'SELECT U&"pg\\005fterminate\\005fbackend"(1)',
      'SELECT $1',
      '',
      '-- nothing',
      '\\! rm -rf /',
      'SELECT 1\0',
      'SELECT ' + 'x'.repeat(200_000),
    ])
      assert.equal(ownStatement(sql, false).ok, false, sql.slice(0, 80));
  });

  it('acts where it is marked, one statement, outside of a transaction where it must be', () => {
    assert.deepEqual(ownStatement('VACUUM t;', true), { ok: true, sql: 'VACUUM t', alone: true });
    assert.deepEqual(ownStatement('DELETE FROM t', true), { ok: true, sql: 'DELETE FROM t', alone: false });
    for (const sql of ['BEGIN', 'DELETE FROM t; DELETE FROM u', 'SET ROLE x', 'COMMIT'])
      assert.equal(ownStatement(sql, true).ok, false, sql);
  });
});

describe('a file of a runbook of the workspace', () => {
  it('keeps what its cells are for', () => {
    assert.deepEqual(parseRunbook(file('SELECT 1', 'act'))?.cells[0]?.kind, 'act');
    assert.deepEqual(checkOwnFile(file('SELECT 1')), []);
    assert.deepEqual(checkOwnFile(file('VACUUM', 'act')), []);
  });

  it('says in which line what is wrong', () => {
    const [problem] = checkOwnFile(file('SELECT 1; SELECT 2'));
    assert.match(problem?.message ?? '', /There are 2 statements in this cell/);
    assert.equal(problem?.line, 3);
    assert.match(checkOwnFile(file('SELECT 1', 'destroy'))[0]?.message ?? '', /kind of a cell/);
    assert.match(
      checkOwnFile(file('SELECT 1').replace('"own"', '"lock-contention"'))[0]?.message ?? '',
      /has the id "own"/,
    );
    const broken = checkOwnFile(file('SELECT 1').replace('<!-- dbops:end -->', ''));
    assert.deepEqual(
      broken.map(({ line }) => line),
      [3],
    );
    assert.match(checkOwnFile('hello')[0]?.message ?? '', /no runbook/);
    assert.match(checkOwnFile('x'.repeat(1_000_000))[0]?.message ?? '', /larger than 500 kB/);
  });
});
