import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { projectRoot } from '../../lab/project-root';
import { buildProduct, eagerOutputs, inputsOf, outputs, packagesOf, sizeOf } from './dist';

/** The budget for what VS Code loads to activate the extension, in bytes. */
const eagerBudget = 80 * 1024;

describe('the bundles', function () {
  this.timeout(60_000);
  before(() => buildProduct());

  it('keep the driver, the parsers and every other package out of the activation', () => {
    const eager = inputsOf(eagerOutputs('host').map(([, output]) => output));
    assert.ok(eager.includes('src/extension.ts'), 'the entry point is among them');
    assert.deepEqual(packagesOf(eager), []);
  });

  it('reach the driver by import() all the same', () => {
    assert.ok(packagesOf(inputsOf(Object.values(outputs('host')))).includes('pg'));
  });

  it('keep runbooks, reports and lint out of the activation, but for their registration', () => {
    const eager = inputsOf(eagerOutputs('host').map(([, output]) => output));
    const heavy = /^src\/(postgres|core\/(runbooks|reports|lint|flyway)|protocol)\//;
    assert.deepEqual(
      eager.filter((name) => heavy.test(name)),
      [],
    );
  });

  it('stay under the budget for the activation', () => {
    const sizes = eagerOutputs('host').map(([name]) => [name, sizeOf(name)] as const);
    const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
    assert.ok(total > 0 && total <= eagerBudget, `${total} bytes of ${eagerBudget}: ${JSON.stringify(sizes)}`);
  });

  it('give the webview nothing of the host', () => {
    const inputs = inputsOf(Object.values(outputs('webview')));
    assert.ok(inputs.some((name) => name.startsWith('webview/')));
    assert.deepEqual(
      inputs.filter((name) => /^src\/(vscode|postgres|sources|cli)\/|^src\/extension/.test(name)),
      [],
    );
    assert.ok(!packagesOf(inputs).includes('pg'));
  });

  for (const bundle of ['cli', 'worker', 'webview'] as const) {
    it(`have no vscode in the ${bundle}`, () => {
      const all = Object.values(outputs(bundle));
      assert.ok(all.length > 0);
      assert.deepEqual(
        all.flatMap(({ imports }) => imports).filter((found) => found.path === 'vscode'),
        [],
      );
      assert.deepEqual(
        inputsOf(all).filter((name) => name.startsWith('src/vscode/')),
        [],
      );
    });
  }

  it('have a command line that runs by itself', () => {
    const result = spawnSync(process.execPath, [path.join(projectRoot, 'dist', 'dbops.js'), '--help'], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    assert.equal(result.status, 0, result.stderr);
    assert.match(result.stdout, /dbops lint/);
  });

  it('load the parser of another database from its own file, and no earlier', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'dbops-parsers-'));
    try {
      writeFileSync(path.join(folder, 'flyway.conf'), 'flyway.url=jdbc:mysql://x/y\nflyway.locations=filesystem:sql\n');
      mkdirSync(path.join(folder, 'sql'));
      writeFileSync(path.join(folder, 'sql', 'V1__x.sql'), 'DROP TABLE orders;\n');
      const dbops = path.join(projectRoot, 'dist', 'dbops.js');
      const { stdout } = spawnSync(process.execPath, [dbops, 'lint', folder], { encoding: 'utf8' });
      assert.match(stdout, /drops the table orders and its data/);
      assert.ok(!inputsOf(Object.values(outputs('cli'))).some((name) => name.includes('node-sql-parser')));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
