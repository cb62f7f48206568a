import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { supportedMajors } from '../test/lab/binaries';
import { projectRoot } from '../test/lab/project-root';
import { main } from './main';
import { serverVersions } from './vscode-server-install';

/** What takes too long for every change: the host suite on the oldest VS Code, the database suite on every major. */
main(() => {
  const test = path.join(projectRoot, 'scripts', 'test.ts');
  const env = {
    ...process.env,
    DBOPS_MAJORS: supportedMajors.join(','),
    DBOPS_VSCODE: serverVersions.oldest,
    DBOPS_NIGHTLY: '1',
  };
  console.log(`PostgreSQL ${supportedMajors.join(', ')}; VS Code of code-server ${serverVersions.oldest}.`);
  const suites = ['unit', 'database', 'host', 'browser'];
  const result = spawnSync(process.execPath, ['--import', 'tsx', test, ...suites], { stdio: 'inherit', env });
  process.exitCode = result.status ?? 1;
  return Promise.resolve();
});
