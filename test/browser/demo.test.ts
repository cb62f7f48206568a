import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { chromiumArguments, ensureChromium } from '../../scripts/chromium';
import { until } from '../lab/faults';
import { projectRoot } from '../lab/project-root';

describe('npm run demo', function () {
  this.timeout(240_000);
  let scratch: string;
  let demo: ChildProcess;
  let said = '';
  let browser: Browser | undefined;
  let page: Page;

  before(async () => {
    scratch = mkdtempSync(path.join(os.tmpdir(), 'demo-test-'));
    // As root the servers run under another account, which has to get through.
    chmodSync(scratch, 0o755);
    demo = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo.ts', '--no-open'], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: scratch },
    });
    demo.stdout!.setEncoding('utf8').on('data', (text: string) => (said += text));
    demo.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ready = (): boolean => said.includes('Ctrl-C') || demo.exitCode !== null;
    await until('the demo is ready', () => Promise.resolve(ready()), 200_000);
    assert.equal(demo.exitCode, null, said);
    browser = await chromium.launch({ executablePath: await ensureChromium(), args: [...chromiumArguments] });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  });

  after(async () => {
    await browser?.close();
    demo.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  const row = (label: RegExp): Locator => page.locator('.part.sidebar').getByRole('treeitem', { name: label });

  it('prints one address, and there the connections are live', async () => {
    const addresses: string[] = said.match(/https?:\/\/\S+/g) ?? [];
    assert.equal(addresses.length, 1, said);
    await page.goto(addresses[0]!);
    const icon = page.locator('.part.activitybar').getByRole('tab', { name: 'DB Ops' });
    await icon.waitFor({ timeout: 60_000 });
    await icon.click();
    await row(/^shop-prod.*primary/).waitFor({ timeout: 60_000 });
    await row(/^shop-standby1.*standby/).waitFor({ timeout: 60_000 });
    await row(/^shop-limited.*limited view/).waitFor({ timeout: 60_000 });
  });

  it('shows the lock chain of the workload when it comes', async () => {
    await row(/^shop-prod/).click();
    await row(/blocked/i)
      .first()
      .waitFor({ timeout: 150_000 });
    mkdirSync(path.join(projectRoot, 'test', 'pictures'), { recursive: true });
    await page.screenshot({ path: path.join(projectRoot, 'test', 'pictures', 'demo.png') });
  });

  it('ends when it is told to and leaves nothing behind', async () => {
    demo.kill('SIGINT');
    demo.kill('SIGINT');
    if (demo.exitCode === null) await once(demo, 'exit');
    assert.equal(demo.exitCode, 0);
    const left = (): string[] => readdirSync(scratch).filter((name) => name.startsWith('dbops-'));
    await until('its folders are gone', () => Promise.resolve(left().length === 0), 30_000);
  });
});
