import assert from 'node:assert/strict';
import fc from 'fast-check';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { lintTexts } from './memory-project';

describe('bad input', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const found = (text: string): string[] =>
    lintTexts({ 'V1__base.sql': 'CREATE TABLE t (id bigint PRIMARY KEY, a int);', 'V2__x.sql': text }, grammar)
      .filter(({ path, rule }) => path === 'V2__x.sql' && !rule.startsWith('rollback/'))
      .map(({ rule, start, end }) => `${rule} | ${text.slice(start, end)}`);
  const drop = 'ALTER TABLE t DROP COLUMN a';
  const dropFound = 'safety/drop-column | DROP COLUMN a';

  for (const [name, text] of [
    ['quote', `${drop};\nSELECT 'never ends; ${drop};`],
    ['quoted name', `${drop};\nSELECT "never ends; ${drop};`],
    ['dollar body', `${drop};\nDO $$ BEGIN; ${drop};`],
    ['comment', `${drop};\nSELECT 1 /* never ends; ${drop};`],
  ] as const)
    it(`an unterminated ${name} is told, and what stands before it is looked at`, () => {
      const lines = found(text);
      assert.ok(lines.includes(dropFound), lines.join('\n'));
      assert.ok(
        lines.some((line) => line.startsWith('flyway/syntax-error')),
        lines.join('\n'),
      );
    });

  it('what PostgreSQL stops at is quoted in one line', () => {
    const rest = `SELECT 'never ends;\n${`${drop};\n`.repeat(1000)}`;
    const messages = lintTexts({ 'V1__x.sql': rest, 'V2__x.sql': 'SELEC 1;' }, grammar)
      .filter(({ rule }) => rule === 'flyway/syntax-error')
      .map(({ message }) => message);
    assert.deepEqual(messages, [
      `PostgreSQL refuses this: unterminated quoted string at or near "'never ends;…".`,
      'PostgreSQL refuses this: syntax error at or near "SELEC".',
    ]);
  });

  it('a broken statement hides neither neighbor, whether or not it ends', () => {
    const broken = [
      `SELEC 1;\n${drop};`,
      `SELEC 1\n${drop};`,
      `${drop};\nCREATE TABLE (;`,
      `SELECT (1;\n${drop};`,
      `INSERT INTO t VALUES (1, 2\n${drop};`,
    ];
    for (const text of broken) {
      const lines = found(text);
      assert.ok(lines.includes(dropFound), `${text}\n→ ${lines.join('\n')}`);
      assert.equal(lines.filter((line) => line.startsWith('flyway/syntax-error')).length, 1, text);
    }
  });

  it('a NUL is told by the encoding, and hides nothing', () => {
    const lines = found(`SELECT 1;\nSELECT \0 2;\n${drop};`);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('flyway/')),
      ['flyway/encoding | \0'],
      'told once',
    );
    assert.ok(lines.includes(dropFound));
  });

  it('line ends and a byte order mark move no place', () => {
    assert.deepEqual(found(`\ufeffSET LOCAL lock_timeout = '2s';\r\n\r\n-- é🐘\r\n${drop};\r\n`), [dropFound]);
  });

  it('ten thousand parentheses and ten thousand operators end in a finding', () => {
    const deep = `SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)};\n${drop};`;
    assert.ok(found(deep).includes(dropFound));
    const chained = `SELECT 1${' + 1'.repeat(10_000)};\n${drop};`;
    const lines = lintTexts({ 'V1__x.sql': chained }, grammar).filter(({ rule }) => rule === 'flyway/syntax-error');
    assert.deepEqual(
      lines.map(({ severity }) => severity),
      ['information'],
      'PostgreSQL itself may take it',
    );
    assert.ok(found(chained).includes(dropFound));
  });

  it('five megabytes are read to the end', () => {
    const rows = 'INSERT INTO t VALUES (1, 2), (3, 4);\n'.repeat(70_000);
    const blob = `INSERT INTO t (a) VALUES ('${'ab'.repeat(1_500_000)}');\n`;
    const began = Date.now();
    assert.ok(found(rows + blob + drop).includes(dropFound));
    assert.ok(Date.now() - began < 30_000, `${Date.now() - began} ms`);
  });

  it('any pieces in any order neither throw nor point outside', () => {
    const piece = fc.constantFrom(
      'ALTER TABLE t ADD COLUMN b int DEFAULT f(), DROP CONSTRAINT x, ALTER a TYPE bigint;',
      'CREATE TABLE p (a int) PARTITION BY RANGE (a);',
      'CREATE TABLE p1 PARTITION OF p DEFAULT;',
      'ALTER TABLE p ATTACH PARTITION p1 DEFAULT;',
      'ALTER TABLE t RENAME TO p;',
      'ALTER TABLE p RENAME TO t;',
      'DROP TABLE p CASCADE;',
      'DROP SCHEMA public CASCADE;',
      'CREATE INDEX ON t (lower(a), b) WHERE a > 0;',
      "ALTER TYPE e ADD VALUE 'x'; SELECT 'x'::e;",
      'COPY t FROM stdin;',
      '\\.',
      'BEGIN;',
      'COMMIT;',
      "e'\\'",
      '$1',
      "'",
      '$$',
      '/*',
      '*/',
      '\n',
      '🐘',
      '${p}',
      ';',
      '(',
      ')',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const text = pieces.join(' ');
        for (const { start, end, path } of lintTexts({ 'V1__x.sql': text, 'U1__x.sql': text }, grammar)) {
          assert.ok(start >= 0 && start <= end && end <= text.length, `${path} ${start} ${end}`);
        }
      }),
      { numRuns: 300 },
    );
  });
});
