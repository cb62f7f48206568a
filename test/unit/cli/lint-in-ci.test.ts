import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../lab/project-root';
import { CommandPlace } from './command-place';

interface Workflow {
  readonly on: string;
  readonly jobs: Readonly<Record<string, { readonly 'runs-on': string; readonly steps: readonly Step[] }>>;
}
interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface PreCommit {
  readonly repos: readonly {
    readonly repo: string;
    readonly hooks: readonly Readonly<Record<string, string | boolean>>[];
  }[];
}

/** What docs/lint-in-ci.md tells people to copy is run as it stands there. */
describe('the examples for CI', () => {
  const page = readFileSync(path.join(projectRoot, 'docs', 'lint-in-ci.md'), 'utf8');
  const blocks = (language: string): string[] =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1] ?? '');
  const loader = path.join(projectRoot, 'node_modules', 'tsx', 'dist', 'loader.mjs');
  /** The command line from its sources, in the place of the one that people have somewhere. */
  const installed = (command: string): string =>
    command.replace(
      'node path/to/dbops.js',
      `"${process.execPath}" --import "file://${loader}" "${projectRoot}/src/cli/dbops.ts"`,
    );
  let place: CommandPlace;
  before(() => {
    place = new CommandPlace();
    place.write({
      'sql/V1__t.sql': 'CREATE TABLE t (id bigint PRIMARY KEY, a int);\n',
      'sql/U1__t.sql': 'DROP TABLE t;\n',
    });
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'all');
    // As after a clone: the branch of the server is known.
    git('update-ref', 'refs/remotes/origin/main', 'main');
    git('checkout', '-qb', 'work');
  });
  after(() => place.remove());

  function git(...args: string[]): { readonly status: number | null; readonly output: string } {
    const { status, stdout, stderr } = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      cwd: place.root,
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  }

  it('the hook stops a commit with a warning, and lets the mended one pass', () => {
    const hook = path.join(place.root, '.git', 'hooks', 'pre-commit');
    const script = blocks('sh').find((text) => text.startsWith('#!/bin/sh')) ?? '';
    assert.match(script, /node path\/to\/dbops\.js lint/);
    mkdirSync(path.dirname(hook), { recursive: true });
    writeFileSync(hook, installed(script));
    chmodSync(hook, 0o755);
    place.write({ 'sql/V2__x.sql': 'ALTER TABLE t DROP COLUMN a;\n' });
    git('add', '.');
    const stopped = git('commit', '-qm', 'drop');
    assert.equal(stopped.status, 1, stopped.output);
    assert.match(stopped.output, /sql\/V2__x\.sql:1:15: warning safety\/drop-column/);
    place.write({
      'sql/V2__x.sql': "SET LOCAL lock_timeout = '2s';\nALTER TABLE t ADD COLUMN b int;\n",
      'sql/U2__x.sql': "SET LOCAL lock_timeout = '2s';\nALTER TABLE t DROP COLUMN b;\n",
    });
    git('add', '.');
    const passed = git('commit', '-qm', 'add');
    assert.equal(passed.status, 0, passed.output);
  });

  it('the workflow is one that GitHub runs, and its step annotates', () => {
    const workflow = blocks('yaml')
      .map((text) => parse(text) as Workflow)
      .find(({ jobs }) => (jobs as unknown) !== undefined);
    assert.ok(workflow);
    assert.equal(workflow.on, 'pull_request');
    const [job, ...others] = Object.values(workflow.jobs);
    assert.ok(job && others.length === 0);
    assert.match(job['runs-on'], /^ubuntu-/);
    for (const step of job.steps)
      assert.ok((step.uses === undefined) !== (step.run === undefined), JSON.stringify(step));
    const uses = job.steps.flatMap((step) => step.uses ?? []);
    for (const action of uses) assert.match(action, /^actions\/[a-z-]+@v\d+$/);
    assert.equal(
      job.steps.find((step) => step.uses?.startsWith('actions/checkout'))?.with?.['fetch-depth'],
      0,
      'the whole history',
    );
    const run = job.steps.flatMap((step) => step.run ?? []).find((line) => line.includes('dbops.js')) ?? '';
    place.write({ 'sql/V3__y.sql': 'DROP TABLE t;\n' });
    const command = installed(run).replace('${{ github.base_ref }}', 'main');
    assert.doesNotMatch(command, /\$\{\{/);
    const { status, stdout, stderr } = spawnSync('sh', ['-ec', command], { cwd: place.root, encoding: 'utf8' });
    assert.equal(status, 1, stderr);
    assert.match(stdout, /^::warning file=sql\/V3__y\.sql,line=1,/m);
  });

  it('the configuration of pre-commit names the same command', () => {
    const config = blocks('yaml')
      .map((text) => parse(text) as PreCommit)
      .find(({ repos }) => (repos as unknown) !== undefined);
    const [hook] = config?.repos.find(({ repo }) => repo === 'local')?.hooks ?? [];
    assert.deepEqual([hook?.['language'], hook?.['pass_filenames']], ['system', false]);
    assert.equal(hook?.['entry'], /^exec (.*)$/m.exec(blocks('sh')[0] ?? '')?.[1]);
    assert.match('sql/V1__x.sql', new RegExp(String(hook?.['files'])));
  });
});
