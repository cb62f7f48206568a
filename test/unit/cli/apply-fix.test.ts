import assert from 'node:assert/strict';
import path from 'node:path';
import { phrase } from '../../../src/core/format/phrase';
import { applyFix, FixError } from '../../../src/cli/apply-fix';
import type { ProjectFix } from '../../../src/core/lint/fixes/project-fix';
import { LintScript } from '../../../src/core/lint/lint-script';
import { scanFileName } from '../../../src/core/flyway/file-name';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { plainConfig } from '../lint/memory-project';
import { CommandPlace } from './command-place';

describe('a fix on its way to the disk', () => {
  let grammar: Grammar;
  let place: CommandPlace;
  before(async () => {
    grammar = await loadGrammar();
  });
  beforeEach(() => {
    place = new CommandPlace();
  });
  afterEach(() => place.remove());

  function linted(text: string, encoding = 'UTF-8'): LintScript {
    const name = 'V1__a.sql';
    const found = { path: path.posix.join(place.root, name), name, meaning: scanFileName(name), text };
    return new LintScript(
      { ...found, problem: undefined, configProblems: [], config: { ...plainConfig, encoding } },
      grammar,
    );
  }
  const fix = (script: LintScript, part: Partial<ProjectFix>): Promise<void> =>
    applyFix(script, { title: phrase('x'), edits: [], files: [], renames: [], ...part });
  const edit = (script: LintScript): Partial<ProjectFix> => ({
    edits: [{ path: script.path, start: 0, end: 6, text: 'TABLE' }],
  });

  it('writes the text, byte order mark and all', async () => {
    place.write({ 'V1__a.sql': '\ufeffSELECT 1;' });
    const script = linted('\ufeffSELECT 1;');
    await fix(script, { edits: [{ path: script.path, start: 1, end: 7, text: 'VALUES' }] });
    assert.equal(place.read('V1__a.sql'), '\ufeffVALUES 1;');
  });

  it('is not written over a file that is there, and then not at all', async () => {
    place.write({ 'V1__a.sql': 'SELECT 1;', 'U1__a.sql': 'mine', 'V2__b.sql': 'mine too' });
    const script = linted('SELECT 1;');
    const files = [{ path: path.posix.join(place.root, 'U1__a.sql'), text: 'other' }];
    await assert.rejects(fix(script, { ...edit(script), files }), FixError);
    const renames = [{ from: script.path, to: path.posix.join(place.root, 'V2__b.sql') }];
    await assert.rejects(fix(script, { renames }), FixError);
    assert.deepEqual(
      ['V1__a.sql', 'U1__a.sql', 'V2__b.sql'].map((name) => place.read(name)),
      ['SELECT 1;', 'mine', 'mine too'],
    );
  });

  it('is not written into a script that has changed, or is in another encoding', async () => {
    place.write({ 'V1__a.sql': 'SELECT 2;' });
    const changed = linted('SELECT 1;');
    await assert.rejects(fix(changed, edit(changed)), FixError);
    const other = linted('SELECT 2;', 'windows-1252');
    await assert.rejects(fix(other, edit(other)), FixError);
    assert.equal(place.read('V1__a.sql'), 'SELECT 2;');
  });
});
