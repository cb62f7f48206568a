import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readEvents, summarize, summaryLine } from '../test/runner/report';
import { packageExtension } from './build-package';
import { main } from './main';
import { bundleHostTests, hostEnvironment } from './suites/host-bundle';
import { reportFile } from './suites/node-suite';
import { installExtension } from './vscode-server';
import { watchReport } from './suites/watch-report';

/** The host suite in the desktop's VS Code, which @vscode/test-electron downloads. */
main(async () => {
  const vscodeExecutablePath = await download();
  const scratch = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'dbops-electron-')));
  const report = reportFile('electron');
  try {
    const extensionTestsPath = await bundleHostTests();
    const extensionDevelopmentPath = await installExtension(await packageExtension(), path.join(scratch, 'unpacked'));
    const workspace = path.join(scratch, 'workspace');
    mkdirSync(workspace);
    const profile = ['--user-data-dir', path.join(scratch, 'user'), '--extensions-dir', path.join(scratch, 'none')];
    const watch = watchReport(report, 120_000);
    let trouble = '';
    const ran = runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath,
      extensionTestsPath,
      extensionTestsEnv: hostEnvironment(report),
      launchArgs: [workspace, ...profile, '--disable-workspace-trust', '--no-sandbox', '--disable-gpu'],
    }).catch((error: unknown) => {
      trouble = String(error);
    });
    const silent = watch.over.then(async (how) => {
      if (how === 'ended') {
        await ran;
        return;
      }
      // Nothing can end the desktop's VS Code but its own run: the message comes first, then this process goes.
      trouble = 'Nothing happened for 120 s.';
      setTimeout(() => process.exit(1), 2000);
    });
    await Promise.race([ran, silent]);
    watch.stop();
    const result = summarize(readEvents(report), 'electron', trouble);
    for (const { title, error } of result.failures) console.log(`✗ ${title}\n${error}\n`);
    if (result.failures.length > 0) process.exitCode = 1;
    console.log(summaryLine([result]));
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});

async function download(): Promise<string> {
  const version = process.env['VSCODE_VERSION'] ?? 'stable';
  try {
    return await downloadAndUnzipVSCode({ version, timeout: 30_000 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `VS Code could not be downloaded (${reason}). ` +
        'This suite needs update.code.visualstudio.com; where that cannot be reached, `npm run test:host` runs the ' +
        'same tests in the VS Code server that npm brings.',
      { cause: error },
    );
  }
}
