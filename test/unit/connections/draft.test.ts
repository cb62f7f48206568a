import assert from 'node:assert/strict';
import { draftOf, emptyDraft, profileOf, suggestName, withField } from '../../../src/vscode/connections/draft';
import { back, runSteps, type Step } from '../../../src/vscode/connections/step-prompts';

describe('a connection being written down', () => {
  it('is saved without what was only typed', () => {
    const draft = {
      ...emptyDraft('i'),
      name: ' shop ',
      connectionString: 'postgresql://u:secret@h/d',
      password: 'secret',
    };
    assert.deepEqual(profileOf(draft), {
      id: 'i',
      name: 'shop',
      environment: 'development',
      readOnly: false,
      target: {},
    });
    const profile = profileOf({ ...draft, target: { host: 'h', port: 5 } });
    assert.deepEqual(profileOf(draftOf(profile)), profile);
  });

  it('gets a name that nobody has', () => {
    assert.equal(suggestName({ host: 'db', database: 'shop' }, []), 'shop on db');
    assert.equal(suggestName({ host: 'db', database: 'shop' }, ['shop on db', 'shop on db 2']), 'shop on db 3');
    assert.equal(suggestName({}, []), 'localhost');
  });

  it('loses a field that is emptied', () => {
    assert.deepEqual(withField({ host: 'a', port: 1 }, 'host', ''), { port: 1 });
  });
});

describe('steps', () => {
  const answers =
    (...given: (number | typeof back | undefined)[]): Step<readonly number[]> =>
    (state) => {
      const answer = given.shift();
      return Promise.resolve(typeof answer === 'number' ? [...state, answer] : answer);
    };

  it('go back with the answers kept, at the first step nowhere, and end when given up', async () => {
    const first = answers(back, 1, 3);
    const second = answers(back, 4);
    assert.deepEqual(await runSteps<readonly number[]>([], () => [first, second]), [1, 3, 4]);
    assert.equal(await runSteps<readonly number[]>([], () => [answers(1), answers(undefined)]), undefined);
  });

  it('follow the answers', async () => {
    const one = answers(1);
    const more = answers(2);
    assert.deepEqual(await runSteps<readonly number[]>([], (state) => (state[0] === 1 ? [one, more] : [one])), [1, 2]);
  });
});
