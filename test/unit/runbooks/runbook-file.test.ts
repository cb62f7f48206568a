import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatRunbook, parseRunbook, type RunbookFile } from '../../../src/core/runbooks/runbook-file';

const hostile = [
  '```',
  '````sql',
  '<!-- dbops:end -->',
  '\\<!-- dbops:end -->',
  '<!-- dbops:cell {"language":"sql"} -->',
  '<!-- dbops:output -->',
  '<script>alert(1)</script>',
  '"; DROP TABLE x; --"',
  '🐘',
  '-->',
  '---',
  '| a | b |',
  '',
];
const line = fc.oneof(
  fc.constantFrom(...hostile),
  fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, ' ')),
);
const text = fc.array(line, { minLength: 1, maxLength: 8 }).map((lines) => lines.join('\n'));
const cell = fc.record(
  {
    step: fc.option(fc.constantFrom('why', 'graph', 'act'), { nil: undefined }),
    language: fc.constantFrom('markdown', 'sql', 'plaintext'),
    text,
    output: fc.option(text, { nil: undefined }),
  },
  { noNullPrototype: true },
);
const file: fc.Arbitrary<RunbookFile> = fc.record(
  {
    runbook: fc.constant('lock-contention'),
    version: fc.constant(1),
    connection: fc.option(fc.record({ id: fc.string(), name: line }, { noNullPrototype: true }), { nil: undefined }),
    cells: fc.array(cell, { maxLength: 5 }),
  },
  { noNullPrototype: true },
);

describe('the runbook file', () => {
  it('reads back what it wrote, whatever the texts hold', () => {
    fc.assert(
      fc.property(file, (original) => assert.deepEqual(parseRunbook(formatRunbook(original)), original)),
      { numRuns: 500 },
    );
  });

  it('survives a checkout with other line ends', () => {
    const original: RunbookFile = {
      runbook: 'lock-contention',
      version: 1,
      connection: { id: '1', name: 'shop' },
      cells: [{ step: 'graph', language: 'sql', text: 'SELECT 1\n  FROM t', output: 'a\n\nb' }],
    };
    assert.deepEqual(parseRunbook(formatRunbook(original).replaceAll('\n', '\r\n')), original);
  });

  it('takes nonsense for what it is', () => {
    for (const nonsense of [
      '',
      'hello',
      '<!-- dbops:runbook {} -->',
      '<!-- dbops:runbook {"id":"x"',
      '# Notes\n\n<!-- dbops:end -->',
    ])
      assert.equal(parseRunbook(nonsense), undefined, nonsense);
    const broken = formatRunbook({
      runbook: 'x',
      version: 1,
      connection: undefined,
      cells: [{ step: 'a', language: 'sql', text: 'SELECT 1', output: undefined }],
    }).replace('<!-- dbops:end -->', '');
    assert.equal(parseRunbook(broken), undefined);
  });

  it('reads a megabyte in no time that matters', () => {
    const big = 'x'.repeat(200).concat('\n').repeat(5000);
    const original: RunbookFile = {
      runbook: 'x',
      version: 1,
      connection: undefined,
      cells: [{ step: undefined, language: 'markdown', text: big, output: undefined }],
    };
    assert.deepEqual(parseRunbook(formatRunbook(original)), original);
  });
});
