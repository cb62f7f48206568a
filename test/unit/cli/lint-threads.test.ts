import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LintThreads } from '../../../src/cli/lint-threads';
import type { TeamFinding } from '../../../src/core/lint/lint-team';
import { WorkspaceLinter, type WorkspaceLint } from '../../../src/core/lint/lint-workspace';
import { survey } from '../../../src/core/lint/survey';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { blockingFiles } from '../../../src/files/local-files';
import { projectRoot } from '../../lab/project-root';
import { CommandPlace } from './command-place';

describe('several projects, linted in threads', () => {
  const projects = 7;
  const scriptsEach = 100;
  const bundle = path.join(projectRoot, 'dist', 'dbops.js');
  let place: CommandPlace;
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
    place = new CommandPlace();
    for (let project = 0; project < projects; project++) {
      const files: Record<string, string> = { 'flyway.conf': 'flyway.locations=filesystem:sql\n' };
      for (let version = 1; version <= scriptsEach; version++)
        files[`sql/V${version}__step.sql`] =
          version === 1 ? 'CREATE TABLE t (id int);\n' : `ALTER TABLE t ADD COLUMN c${version} text NOT NULL;\n`;
      // Needs what is known of the project's own schema, and a partner.
      files['sql/U2__step.sql'] = 'ALTER TABLE t DROP COLUMN c3;\n';
      place.write(
        Object.fromEntries(Object.entries(files).map(([name, text]) => [`p${String(project)}/${name}`, text])),
      );
    }
  });
  after(() => place.remove());

  const lintWith = (threads?: LintThreads): Promise<WorkspaceLint> =>
    new WorkspaceLinter(blockingFiles, grammar, threads).lint(place.root, {
      requireReason: true,
      severities: {},
      locations: [],
      environment: {},
      unsaved: new Map(),
    });
  const shown = ({ findings }: { readonly findings: readonly TeamFinding[] }): string[] =>
    findings.map(({ path: file, rule, message, start, end, severity }) =>
      [path.relative(place.root, file), rule, start, end, severity, message].join(' '),
    );

  it('are found to be what one thread finds, in its order', async () => {
    const alone = shown(await lintWith());
    assert.ok(alone.length > projects * scriptsEach, 'there is something to find in each script');
    assert.deepEqual(shown(await lintWith(new LintThreads(bundle))), alone);
  });

  it('are linted by the threads alone where the main one takes none', async () => {
    const surveyed = await survey(blockingFiles, place.root, {}, []);
    const tasks = surveyed.map((one) => ({ surveyed: one, options: { requireReason: true, severities: {} } }));
    const found = await new LintThreads(bundle).share(tasks)?.rest();
    assert.deepEqual([...(found?.keys() ?? [])].sort(), [...tasks.keys()]);
    const findings = [...tasks.keys()].flatMap((index) => found?.get(index) ?? []);
    assert.deepEqual(shown({ findings }), shown(await lintWith()));
  });

  it('are all linted though a thread fails when it has taken some', async () => {
    const broken = path.join(place.root, 'broken.js');
    writeFileSync(
      broken,
      `require('node:worker_threads').parentPort.once('message', ({ taken }) => {
         Atomics.store(taken, ${projects - 1}, 1);
         throw new Error('out of order');
       });`,
    );
    assert.deepEqual(shown(await lintWith(new LintThreads(broken))), shown(await lintWith()));
  });

  it('are not shared where they are few', () => {
    assert.equal(new LintThreads('never read').share([]), undefined);
  });
});
