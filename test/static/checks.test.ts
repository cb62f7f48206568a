import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { projectRoot } from '../lab/project-root';

/** What a machine can see in the sources without running them. */
describe('static checks', function () {
  this.timeout(240_000);

  it('types of the host, the tests and the scripts', () => passes('typescript/bin/tsc', '-p', '.'));
  it('types of the webview', () => passes('typescript/bin/tsc', '-p', 'webview'));
  it('lint, with the rules for imports between folders', () =>
    passes('eslint/bin/eslint.js', '.', '--max-warnings', '0'));
  it('formatting', () => passes('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'));
});

function passes(program: string, ...args: string[]): void {
  const result = spawnSync(process.execPath, [path.join(projectRoot, 'node_modules', program), ...args], {
    cwd: projectRoot,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  assert.equal(result.status, 0, `${result.stdout}${result.stderr}`);
}
