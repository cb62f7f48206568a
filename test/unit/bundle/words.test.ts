import assert from 'node:assert/strict';
import { collectWords } from '../../../scripts/collect-words';
import { projectRoot } from '../../lab/project-root';

describe('the words for persons', () => {
  const words = collectWords(projectRoot);

  it('are literals, so that they can be collected and translated', () => {
    assert.ok(words.length > 300, `only ${words.length} were found`);
    const unknown = words.filter(({ message }) => message === undefined);
    // It says in the person's language what core has put as a phrase.
    assert.deepEqual(
      unknown.map(({ place }) => place.replace(/:\d+$/, '')),
      ['src/vscode/lint/apply-fix.ts'],
    );
  });

  it('have as many places as values', () => {
    const wrong = words.filter(({ message, values }) => {
      const places = new Set([...(message ?? '').matchAll(/\{(\d+)\}/g)].map((match) => match[1]));
      return message !== undefined && !Number.isNaN(values) && places.size !== values;
    });
    assert.deepEqual(wrong, []);
  });
});
