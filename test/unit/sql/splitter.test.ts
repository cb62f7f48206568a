import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { OffsetMap } from '../../../src/core/sql/offsets';
import { splitScript } from '../../../src/core/sql/splitter';
import { projectRoot } from '../../lab/project-root';

const texts = (script: string): string[] =>
  splitScript(script).statements.map(({ start, end }) => script.slice(start, end));

describe('splitting a script where PostgreSQL does', () => {
  const cases: [string, string, string[]][] = [
    ['escapes of E strings', "SELECT E'a\\'; b'; SELECT 2;", ["SELECT E'a\\'; b'", 'SELECT 2']],
    ['small e too', "SELECT e'a\\'; b'; SELECT 2", ["SELECT e'a\\'; b'", 'SELECT 2']],
    ['parameters are no dollar quotes', 'PREPARE p AS SELECT $1; SELECT 2;', ['PREPARE p AS SELECT $1', 'SELECT 2']],
    ['dollars in names', 'SELECT a$b FROM t; SELECT 2;', ['SELECT a$b FROM t', 'SELECT 2']],
    ['nested comments', '/* a /* b; */ c; */ SELECT 1;', ['SELECT 1']],
    [
      'atomic bodies',
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END; SELECT 2;',
      ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END', 'SELECT 2'],
    ],
    ['dollar bodies', 'DO $x$ BEGIN; $$; END $x$; SELECT 2', ['DO $x$ BEGIN; $$; END $x$', 'SELECT 2']],
    [
      'parentheses',
      'CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3',
      ['CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)', 'SELECT 3'],
    ],
    ['empty statements', ';;SELECT 1;;', ['SELECT 1']],
    ['quoted names', 'SELECT "a;b""c;" FROM t; SELECT 2', ['SELECT "a;b""c;" FROM t', 'SELECT 2']],
    ['end as a name', 'SELECT 1 AS begin; SELECT 2', ['SELECT 1 AS begin', 'SELECT 2']],
    ['a string without its end', "SELECT 'a; SELECT 2", ["SELECT 'a; SELECT 2"]],
    ['nothing', ' \n-- only a comment', []],
  ];
  for (const [name, script, expected] of cases) it(name, () => assert.deepEqual(texts(script), expected));

  it('keeps COPY data and psql commands apart', () => {
    const script = 'COPY t (a,b) FROM stdin;\n1\tx;y\n\\.\n\\connect foo\nSELECT 2;';
    assert.deepEqual(texts(script), ['COPY t (a,b) FROM stdin', 'SELECT 2']);
    assert.deepEqual(
      splitScript(script).foreign.map(({ kind, start, end }) => [kind, script.slice(start, end)]),
      [
        ['copy-data', '1\tx;y\n\\.'],
        ['psql', '\\connect foo'],
      ],
    );
  });

  it('agrees with the server on what each vector holds', async () => {
    const grammar = await loadGrammar();
    const file = readFileSync(path.join(projectRoot, 'test/fixtures/flyway/flyway-split-vectors-input.txt'), 'utf8');
    for (const vector of file.split(/^@@@ /m).slice(1)) {
      const script = vector.slice(vector.indexOf('\n') + 1);
      for (const statement of texts(script)) {
        if (!/SELECT \(1;/.test(statement)) assert.ok(grammar.parse(statement).ok, statement);
      }
    }
  });

  it('never throws, covers each statement once and in order', () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      '$$',
      '$a$',
      ';',
      '(',
      ')',
      '/*',
      '*/',
      '--',
      '\n',
      'E',
      'SELECT 1',
      'BEGIN ATOMIC',
      'END',
      '\\',
      '🐘',
      '\0',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const script = pieces.join('');
        let last = 0;
        for (const { start, end } of splitScript(script).statements) {
          assert.ok(start >= last && end > start && end <= script.length);
          last = end;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is linear on 5 MB and on ten thousand parentheses', () => {
    assert.equal(texts("INSERT INTO t VALUES (1, 'x''y');\n".repeat(150_000)).length, 150_000);
    assert.equal(texts(`SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}; SELECT 2`).length, 2);
  });
});

describe('the grammar', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });

  it('says where a statement is wrong, in the units of the editor', () => {
    const outcome = grammar.parse("SELECT '🐘é' FRM t x y");
    assert.ok(!outcome.ok);
    assert.equal("SELECT '🐘é' FRM t x y".slice(outcome.at, outcome.at + 1), 't');
  });

  it('answers to the strangest texts', () => {
    for (const text of [
      '',
      ' ',
      '-- x',
      'SELECT 1\0DROP TABLE t',
      `SELECT ${'1+'.repeat(20_000)}1`,
      '\ufeffSELECT 1',
    ]) {
      const outcome = grammar.parse(text);
      assert.equal(typeof outcome.ok, 'boolean');
    }
    assert.ok(grammar.parse('SELECT 1').ok, 'and lives on');
  });

  it('converts bytes and code points, with emoji', () => {
    const map = new OffsetMap('aé🐘b');
    assert.deepEqual(
      [0, 1, 3, 7, 8].map((bytes) => map.fromBytes(bytes)),
      [0, 1, 2, 4, 5],
    );
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((points) => map.fromCodePoints(points)),
      [0, 1, 2, 4, 5],
    );
  });
});
