import { chromium } from 'playwright-core';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readEvents, summarize, type SuiteResult } from '../../test/runner/report';
import { packageExtension } from '../build-package';
import { chromiumArguments, ensureChromium } from '../chromium';
import { installExtension, startVsCodeServer } from '../vscode-server';
import { bundleHostTests, hostEnvironment } from './host-bundle';
import { reportFile } from './node-suite';
import type { SuiteOptions } from './suite';
import { watchReport } from './watch-report';

/** A single host test or hook that takes longer ends the suite, in ms. */
const silenceMs = 120_000;

/**
 * The host suite: mocha inside the extension host of a real VS Code, which a Chromium without a screen keeps open, on
 * the packaged extension. A page gives no exit code, so the report's file tells how it went.
 */
export async function runHostSuite(options: SuiteOptions): Promise<SuiteResult> {
  const executablePath = await ensureChromium();
  const vsix = await packageExtension();
  const extensionTestsPath = await bundleHostTests(options.files);
  const report = reportFile('host');
  const scratch = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'dbops-host-')));
  const version = options.vscodeVersion === undefined ? {} : { version: options.vscodeVersion };
  try {
    const extensionDevelopmentPath = await installExtension(
      vsix,
      path.join(scratch, 'unpacked'),
      options.vscodeVersion,
    );
    const workspace = path.join(scratch, 'workspace');
    mkdirSync(workspace);
    const server = await startVsCodeServer({
      serverDataDir: path.join(scratch, 'data'),
      testDriver: true,
      env: hostEnvironment(report, options.grep),
      ...version,
    });
    const url = server.url(workspace, { extensionDevelopmentPath, extensionTestsPath });
    const trouble = await keepOpen(url, executablePath, report).finally(() => server.stop());
    return summarize(readEvents(report), 'host', trouble && `${trouble}\n${server.output()}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Shows a page until the report has its end. @returns what went wrong; empty when nothing did */
async function keepOpen(url: string, executablePath: string, report: string): Promise<string> {
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  const watch = watchReport(report, silenceMs);
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    const crashed = new Promise<'crashed'>((resolve) => page.once('crash', () => resolve('crashed')));
    await page.goto(url, { waitUntil: 'commit', timeout: 60_000 });
    const how = await Promise.race([watch.over, crashed]);
    return how === 'ended' ? '' : [`The workbench: ${how}.`, ...errors.slice(-20)].join('\n');
  } finally {
    watch.stop();
    await browser.close();
  }
}
