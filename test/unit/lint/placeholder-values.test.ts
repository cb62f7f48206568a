import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maskPlaceholders } from '../../../src/core/flyway/placeholders';
import { loadGrammar } from '../../../src/core/sql/grammar';
import { lintTexts } from './memory-project';

describe('placeholders with a value', () => {
  const placeholders = new Map([
    ['schema', 'shop'],
    ['type', 'varchar(20)'],
    ['timeout', "SET LOCAL lock_timeout = '2s'; "],
    ['nothing', ''],
  ]);
  const config = { placeholders };

  it('are read as their value, and every finding points into the script as it is written', async () => {
    const text = [
      '${timeout}${nothing}',
      '-- ${type}, ${nothing}',
      'ALTER TABLE ${schema}.orders ALTER COLUMN note TYPE varchar(10), DROP COLUMN ${nothing}old;',
    ].join('\n');
    const first = 'CREATE TABLE shop.orders (id bigint PRIMARY KEY, note ${type}, old int);';
    const found = lintTexts(
      { 'V1__a.sql': { text: first, config }, 'V2__b.sql': { text, config } },
      await loadGrammar(),
    )
      .filter(({ path, rule }) => path === 'V2__b.sql' && !rule.startsWith('rollback/'))
      .map(({ rule, start, end, message }) => [rule, text.slice(start, end), /from \S+/.exec(message)?.[0]]);
    assert.deepEqual(found, [
      ['safety/change-column-type', 'ALTER COLUMN note TYPE varchar(10)', 'from varchar(20)'],
      ['safety/drop-column', 'DROP COLUMN ${nothing}old', 'from here'],
    ]);
  });

  it('stand in the words of the grammar as they are written, or as their value', async () => {
    const text = 'DROP ${unknown};\nDROP ${schema} x;';
    const found = lintTexts({ 'V1__a.sql': { text, config } }, await loadGrammar())
      .filter(({ rule }) => rule === 'flyway/syntax-error')
      .map(({ message }) => /near "([^"]*)"/.exec(message)?.[1]);
    assert.deepEqual(found, ['${unknown}', 'shop']);
  });

  it('suppressions stand where they are written', async () => {
    const text = '${timeout}\n-- dbops-ignore safety/drop-column: ${nothing}agreed\nALTER TABLE t DROP COLUMN a;';
    const found = lintTexts({ 'V1__a.sql': { text, config } }, await loadGrammar());
    assert.deepEqual(
      found.filter(({ rule }) => rule.startsWith('lint/') || rule === 'safety/drop-column'),
      [],
    );
  });

  it('every offset of the text stands for one of the script, in the same order', () => {
    const piece = fc.constantFrom('${type}', '${schema}', '${nothing}', '${unknown}', 'x', ' ', '🐘', '$', '{', '}');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const original = pieces.join('');
        const { text, toOriginal } = maskPlaceholders(original, { values: placeholders, prefix: '${', suffix: '}' });
        let before = 0;
        for (let offset = 0; offset <= text.length; offset++) {
          const [start, end] = [toOriginal(offset), toOriginal(offset, true)];
          assert.ok(start <= end && start >= before && end <= original.length);
          before = start;
        }
      }),
    );
  });
});
