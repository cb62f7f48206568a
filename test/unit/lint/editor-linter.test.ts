import assert from 'node:assert/strict';
import type { InstalledRow } from '../../../src/core/flyway/read-history';
import { EditorLinter, LintCancelled } from '../../../src/core/lint/editor-linter';
import type { BranchState } from '../../../src/core/lint/rules/branch';
import type { TableFact } from '../../../src/core/lint/table-facts';
import type { DatabaseReading, EditorSettings, LintDone, LintRequest } from '../../../src/core/lint/worker-messages';
import { checksum } from '../../../src/core/flyway/checksum';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { MemoryFiles } from '../flyway/memory-files';

const base = 'CREATE TABLE orders (id bigint PRIMARY KEY, status text);\n';
const index = 'CREATE INDEX orders_status ON orders (status);\n';
const settings: EditorSettings = { locations: [], requireReason: true, severities: {}, scope: 'notApplied' };

describe('the linter of an editor', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });

  function linterOf(texts: Record<string, string>, branch?: BranchState): EditorLinter {
    return new EditorLinter({
      files: new MemoryFiles(texts),
      grammar,
      readBranch: () => Promise.resolve(branch),
      environment: {},
      onProgress: () => undefined,
    });
  }
  let next = 1;
  const request = (changes: Partial<LintRequest> = {}): LintRequest => ({
    id: next++,
    kind: 'lint',
    root: '/p',
    settings,
    mayAskGit: true,
    unsaved: [],
    filesUnchanged: false,
    afresh: false,
    ...changes,
  });
  const rulesOf = ({ changed }: LintDone, name: string): string[] =>
    changed.filter(([path]) => path.endsWith(`/${name}`)).flatMap(([, all]) => all.map(({ rule }) => rule));
  const row = (rank: number, version: string, text: string, more: Partial<InstalledRow> = {}): InstalledRow => ({
    installedRank: rank,
    version,
    description: 'x',
    type: 'SQL',
    script: `V${version}__x.sql`,
    checksum: checksum(text),
    success: true,
    installedOn: '2026-01-02 03:04',
    installedBy: 'deploy',
    executionMs: 12,
    ...more,
  });
  const reading = (rows: readonly InstalledRow[] | undefined, tables: readonly TableFact[] = []): DatabaseReading => ({
    name: 'shop',
    major: 17,
    currentSchema: 'public',
    tables,
    histories: [{ schema: 'public', table: 'flyway_schema_history', rows }],
  });
  const project = (files: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(files).map(([name, text]) => [`/p/src/main/resources/db/migration/${name}`, text]),
    );

  it('sends only what has changed, and all of it afresh', async () => {
    const linter = linterOf(project({ 'V1__x.sql': base, 'V2__x.sql': index }));
    const first = await linter.lint(request());
    assert.ok(rulesOf(first, 'V2__x.sql').includes('safety/create-index'));
    const second = await linter.lint(request({ filesUnchanged: true }));
    assert.deepEqual([second.changed, second.projects], [[], undefined]);
    const path = '/p/src/main/resources/db/migration/V2__x.sql';
    const typed = await linter.lint(request({ filesUnchanged: true, unsaved: [[path, 'SELECT 1;\n']] }));
    assert.deepEqual(typed.changed, [[path, []]], 'what is gone is told with an empty list');
    const again = await linter.lint(request({ afresh: true }));
    assert.deepEqual(again.changed, first.changed);
  });

  it('by git: what is on the main branch and unchanged is left alone, what is typed is not', async () => {
    const path = '/p/src/main/resources/db/migration/V2__x.sql';
    const branch: BranchState = {
      name: 'main',
      present: new Set([path, path.replace('V2', 'V1')]),
      changed: new Map(),
    };
    const linter = linterOf(project({ 'V1__x.sql': base, 'V2__x.sql': index, 'V3__x.sql': index }), branch);
    const done = await linter.lint(request());
    assert.ok(!rulesOf(done, 'V2__x.sql').includes('safety/create-index'));
    assert.ok(rulesOf(done, 'V3__x.sql').includes('safety/create-index'), rulesOf(done, 'V3__x.sql').join());
    assert.deepEqual(done.projects?.[0]?.scope, { kind: 'branch', name: 'main' });
    assert.equal(done.projects[0].looked, 1);
    const typed = await linter.lint(request({ filesUnchanged: true, unsaved: [[path, `${index}-- more\n`]] }));
    assert.ok(rulesOf(typed, 'V2__x.sql').includes('safety/create-index'));
    const all = await linter.lint(request({ settings: { ...settings, scope: 'all' }, afresh: true }));
    assert.ok(rulesOf(all, 'V2__x.sql').includes('safety/create-index'));
    const untrusted = await linter.lint(request({ mayAskGit: false, afresh: true }));
    assert.deepEqual(untrusted.projects?.[0]?.scope, { kind: 'all', why: 'untrusted' });
  });

  it('by a database: applied scripts are left alone, edited and ignored ones are told, whatever git says', async () => {
    const branch: BranchState = { name: 'main', present: new Set(), changed: new Map() };
    const linter = linterOf(
      project({ 'V1__x.sql': base, 'V2__x.sql': index, 'V3__x.sql': index, 'V5__x.sql': index }),
      branch,
    );
    linter.setReading(reading([row(1, '1', base), row(2, '2', 'another text'), row(3, '4', 'gone')]));
    const done = await linter.lint(request());
    assert.deepEqual(
      rulesOf(done, 'V2__x.sql').filter((rule) => !rule.startsWith('rollback/')),
      ['flyway/edited-after-applied'],
    );
    assert.ok(rulesOf(done, 'V3__x.sql').includes('flyway/out-of-order'));
    assert.ok(rulesOf(done, 'V5__x.sql').includes('safety/create-index'));
    const [shown] = done.projects ?? [];
    assert.deepEqual(shown?.scope, { kind: 'database', name: 'shop', history: 'public.flyway_schema_history' });
    assert.deepEqual(
      shown.states.map(({ path, state, edited }) => [path.slice(-9), state, edited]),
      [
        ['V1__x.sql', 'Success', false],
        ['V2__x.sql', 'Success', true],
        ['V3__x.sql', 'Ignored', false],
        ['V5__x.sql', 'Pending', false],
      ],
    );
    assert.deepEqual(shown.missing, ['V4__x.sql (Missing)']);
    linter.setReading(undefined);
    const after = await linter.lint(request({ filesUnchanged: true }));
    assert.equal(after.projects?.[0]?.scope.kind, 'branch', 'without a reading git counts again');
    assert.deepEqual(after.projects[0].states, []);
  });

  it('offers no fix that changes a script which has run, by a database or by git', async () => {
    const files = project({ 'V1__x.sql': base, 'V2__x.sql': index, 'U2__x.sql': 'SELECT 1;\n' });
    const at = (name: string): string => `/p/src/main/resources/db/migration/${name}`;
    const large = [{ schema: 'public', name: 'orders', rows: 12_000_000, bytes: 3 * 1024 ** 3 }];
    const all = { settings: { ...settings, scope: 'all' as const } };
    const offered = async (linter: EditorLinter, done: LintDone, name: string): Promise<unknown> => {
      const { fixes, isSettled } = await linter.fixes(at(name), [...rulesOf(done, name).keys()]);
      return { isSettled, here: fixes.some(({ edits }) => edits.some(({ path }) => path === at(name))) };
    };
    const bound = linterOf(files);
    const unbound = await bound.lint(request(all));
    assert.deepEqual(await offered(bound, unbound, 'V2__x.sql'), { isSettled: false, here: true });
    bound.setReading(reading([row(1, '1', base), row(2, '2', index)], large));
    const done = await bound.lint(request({ ...all, afresh: true }));
    assert.ok(rulesOf(done, 'V2__x.sql').includes('safety/create-index'));
    assert.deepEqual(await offered(bound, done, 'V2__x.sql'), { isSettled: true, here: false });
    bound.setReading(reading([row(1, '1', base)], large));
    assert.deepEqual(await offered(bound, await bound.lint(request({ ...all, afresh: true })), 'V2__x.sql'), {
      isSettled: false,
      here: true,
    });
    const present = new Set([at('V1__x.sql'), at('V2__x.sql')]);
    const branch = { name: 'main', present, changed: new Map<string, string>() };
    const byGit = linterOf({ ...files, ...project({ 'V2.0__y.sql': 'SELECT 2;\n' }) }, branch);
    const twice = await byGit.lint(request());
    assert.deepEqual(rulesOf(twice, 'V2__x.sql'), ['flyway/duplicate-version']);
    const renames = async (name: string): Promise<number> => (await byGit.fixes(at(name), [0])).fixes.length;
    assert.equal((await byGit.fixes(at('V2__x.sql'), [0])).isSettled, true);
    assert.deepEqual([await renames('V2__x.sql'), await renames('V2.0__y.sql')], [1, 1], 'git does not know which ran');
    byGit.setReading(reading([row(1, '1', base), row(2, '2', index)], large));
    await byGit.lint(request());
    assert.equal(await renames('V2__x.sql'), 0);
    byGit.setReading(undefined);
    const typed = await byGit.lint(request({ unsaved: [[at('V2__x.sql'), `${index}-- more\n`]] }));
    assert.deepEqual(await offered(byGit, typed, 'V2__x.sql'), { isSettled: false, here: true });
  });

  it('a history that the role may not read makes nothing applied', async () => {
    const linter = linterOf(project({ 'V1__x.sql': base, 'V2__x.sql': index }));
    linter.setReading(reading(undefined));
    const done = await linter.lint(request());
    assert.ok(rulesOf(done, 'V2__x.sql').includes('safety/create-index'));
    const scope = done.projects?.[0]?.scope;
    assert.ok(scope?.kind === 'all' && scope.why === 'unknown history', JSON.stringify(scope));
  });

  it('sizes speak: a small table is no finding, a large one an error, one that was never counted neither', async () => {
    const severity = async (rows: number | null, bytes: number | null): Promise<string> => {
      const linter = linterOf(project({ 'V1__x.sql': base, 'V2__x.sql': index }));
      linter.setReading(reading([row(1, '1', base)], [{ schema: 'public', name: 'orders', rows, bytes }]));
      const { changed } = await linter.lint(request());
      const found = changed.flatMap(([, all]) => all).find(({ rule }) => rule === 'safety/create-index');
      return found ? `${found.severity}: ${found.message.replace(/.*in a script of its own\./, '')}` : 'none';
    };
    assert.equal(await severity(40, 16_384), 'none');
    assert.match(await severity(12_000_000, 3 * 1024 ** 3), /^error: +orders has about 12.* rows and 3.*GB\.$/);
    assert.equal(await severity(null, 16_384), 'none', 'never counted, but no more than some hundred rows fit');
    assert.match(await severity(null, 1024 ** 2), /^warning: +orders has rows that were never counted/);
    assert.equal(await severity(null, null), 'warning: ');
  });

  it('cancel ends a run in the middle, and the next one is whole', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`V${at + 1}__x.sql`, `CREATE TABLE t${at} (id int);`]),
    );
    const flag = new Int32Array(new SharedArrayBuffer(4));
    let reads = 0;
    const files = new MemoryFiles(project(many));
    const linter = new EditorLinter({
      files: {
        list: (folder) => files.list(folder),
        real: (path) => files.real(path),
        read: (path) => {
          if (++reads === 200) Atomics.store(flag, 0, 1);
          return files.read(path);
        },
      },
      grammar,
      readBranch: () => Promise.resolve(undefined),
      environment: {},
      onProgress: () => undefined,
    });
    await assert.rejects(linter.lint(request({ cancelled: flag })), LintCancelled);
    assert.ok(reads < 300, `${reads} files were read`);
    assert.equal((await linter.lint(request())).scripts, 300);
  });

  it('marks a configuration that cannot be read where its mistake is, and only where it matters', async () => {
    const marked = async (files: Record<string, string>): Promise<unknown> =>
      (await linterOf({ '/p/sql/V1__x.sql': base, ...files }).lint(request())).mistakes.map(
        ({ path, range, message }) => [path, range.startLine, range.startColumn, message.replace(/^.*others: /, '')],
      );
    const toml = '[flyway]\nlocations = ["filesystem:sql"]\n';
    assert.deepEqual(await marked({ '/p/flyway.toml': toml }), []);
    assert.deepEqual(await marked({ '/p/flyway.toml': `${toml}\ntable = = "x"\n` }), [
      ['/p/flyway.toml', 3, 8, 'Invalid TOML document: invalid value'],
    ]);
    const yml = '/p/src/main/resources/application.yml';
    const broken = await marked({ [yml]: 'spring:\n  flyway: [1\n', '/p/flyway.toml': toml });
    assert.deepEqual((broken as unknown[][])[0]?.slice(0, 2), [yml, 2]);
    assert.deepEqual(
      await marked({ '/p/app/src/main/resources/application.yml': 'a: [1\n', '/p/flyway.toml': toml }),
      [],
    );
  });

  it('dbops.toml goes before the settings, its folders too', async () => {
    const linter = linterOf({
      ...project({ 'V1__x.sql': base, 'V2__x.sql': index }),
      '/p/dbops.toml':
        '[rules]\n"rollback/undo-missing" = "off"\n[[folders]]\npath = "src/main"\n[folders.rules]\n"safety/create-index" = "hint"\n',
    });
    const done = await linter.lint(
      request({ settings: { ...settings, severities: { 'safety/create-index': 'error' } } }),
    );
    const found = done.changed.flatMap(([, all]) => all).map(({ rule, severity }) => `${rule} ${severity}`);
    assert.ok(found.includes('safety/create-index hint'), found.join(', '));
    assert.ok(!found.some((one) => one.startsWith('rollback/undo-missing')));
  });
});
