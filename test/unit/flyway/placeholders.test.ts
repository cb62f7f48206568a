import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {
  defaultPlaceholders,
  findPlaceholders,
  maskPlaceholders,
  replacePlaceholders,
  type PlaceholderSettings,
} from '../../../src/core/flyway/placeholders';
import { projectRoot } from '../../lab/project-root';

const values = new Map([
  ['x', 'VAL'],
  ['rec', '${x}'],
  ['empty', ''],
  ['flyway:user', 'u'],
]);
const settings: PlaceholderSettings = { values, prefix: '${', suffix: '}' };

describe('placeholders, against the real thing', () => {
  const file = readFileSync(path.join(projectRoot, 'test/fixtures/flyway/flyway-placeholder-vectors.txt'), 'utf8');
  // A vector whose output holds a line break goes on in the next line.
  for (const vector of file.split('\n').filter((line) => line.includes('=>'))) {
    const [input, output] = vector.split(/ {2}=> {2}/) as [string, string];
    it(vector, () => {
      const result = replacePlaceholders(input.replaceAll('\\n', '\n'), settings);
      if (output.startsWith('RuntimeException')) {
        assert.ok('missing' in result);
        const named = /placeholder: (?:\$\{)?([^}]*)\}?(?:\.|$)/.exec(output)?.[1];
        assert.equal(result.missing.key, named);
      } else {
        assert.ok('text' in result);
        assert.equal(result.text.split('\n')[0], output.replace(/^"|"$/g, ''));
      }
    });
  }

  it('ignores the case of keys and knows its own', () => {
    assert.deepEqual(replacePlaceholders('${X}', settings), { text: 'VAL' });
    assert.ok(defaultPlaceholders.includes('flyway:defaultSchema'));
  });

  it('reads as its reader does: what was taken for a prefix is not looked at again', () => {
    const long: PlaceholderSettings = { values, prefix: '##{', suffix: '}}' };
    const cases: [string, string | undefined][] = [
      ['##{x}}', 'VAL'],
      ['###{x}}', '###{x}}'],
      ['####{x}}', '####{x}}'],
      ['#a##{x}}', '#aVAL'],
      ['##a##{x}}', '##aVAL'],
      ['##{nope}}', undefined],
    ];
    for (const [input, expected] of cases) {
      const result = replacePlaceholders(input, long);
      assert.equal('text' in result ? result.text : undefined, expected, input);
    }
  });

  it('looks up what is left of one that does not end', () => {
    assert.deepEqual(replacePlaceholders('a ${xy', settings), { text: 'a VAL' });
    const result = replacePlaceholders('${abc', settings);
    assert.ok('missing' in result);
    assert.equal(result.missing.key, 'ab');
  });

  it('writes placeholders back into what was made from the covered text', () => {
    const script = 'ALTER TABLE ${schema}.${pre}orders ADD a int; ALTER TABLE "${quoted}".t ADD b int';
    const masked = maskPlaceholders(script, settings);
    const [, schema = '', orders = ''] = /TABLE (\w+)\.(\w+)/.exec(masked.text) ?? [];
    const [, quoted = ''] = /"(\w+)"/.exec(masked.text) ?? [];
    assert.equal(masked.restore(`DROP "${schema}"."${orders}"`), 'DROP ${schema}.${pre}orders');
    assert.equal(masked.restore(`DROP "${quoted}"."t"`), 'DROP "${quoted}"."t"');
    assert.equal(masked.restore('DROP "t"'), 'DROP "t"');
  });

  it('masks what has no value without moving anything', () => {
    const text = fc
      .array(fc.constantFrom('$', '{', '}', 'x', '${x}', '$${x}', "'", '\n', '🐘'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (script) => {
        const masked = maskPlaceholders(script, { ...settings, values: new Map() }).text;
        assert.equal(masked.length, script.length);
        const covered = findPlaceholders(script, settings);
        for (let at = 0; at < script.length; at++) {
          if (!covered.some(({ start, end }) => at >= start && at < end)) assert.equal(masked[at], script[at]);
        }
      }),
    );
  });
});
