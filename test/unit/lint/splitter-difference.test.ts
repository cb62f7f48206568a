import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadGrammar } from '../../../src/core/sql/grammar';
import { projectRoot } from '../../lab/project-root';
import { lintTexts } from './memory-project';

const fixture = (name: string): string => readFileSync(path.join(projectRoot, 'test/fixtures/flyway', name), 'utf8');

/** The scripts of the vectors that Flyway splits otherwise than PostgreSQL, or cannot run for it. */
const different = ['dollar-param', 'psql-connect'];

describe('where Flyway splits otherwise than PostgreSQL', () => {
  const scripts = fixture('flyway-split-vectors-input.txt')
    .split(/^@@@ /m)
    .slice(1)
    .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)] as const);
  const found = async (text: string): Promise<string[]> =>
    lintTexts({ 'V1__x.sql': text }, await loadGrammar())
      .filter(({ rule }) => rule === 'flyway/splitter-difference')
      .map(({ start, end }) => text.slice(start, end));

  for (const [name, text] of scripts)
    it(`${name}: ${different.includes(name) ? 'told' : 'nothing to tell'}`, async () => {
      assert.equal((await found(text)).length > 0, different.includes(name));
    });

  it('knows a small e, and where its backslash changes nothing', async () => {
    assert.deepEqual(await found(String.raw`SELECT e'a\'; b'; SELECT 2;`), [String.raw`e'a\'; b'`]);
    assert.deepEqual(await found(String.raw`SELECT e'a\n', e'it''s', e'c:\\', E'a\'; b';`), []);
  });

  it('tells of data that never ends, and of nothing in a dollar body or a name', async () => {
    assert.equal((await found('COPY t FROM stdin;\n1\t2\nSELECT 1;\n')).length, 1);
    assert.deepEqual(await found('COPY t FROM stdin;\n1\t$2\n\\.\nDO $x$ BEGIN PERFORM $1; END $x$; SELECT a$1;'), []);
  });
});
