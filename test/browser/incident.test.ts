import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { lockChain, lockWaiters, until, type LockChain } from '../lab/faults';
import { labPassword, type Lab } from '../lab/lab';
import { projectRoot } from '../lab/project-root';
import { sharedLab } from '../lab/shared-lab';
import { openWorkbench, type Workbench } from './workbench';

/** What a person at night would do, with the packaged extension; its pictures are the README's. */
describe('an incident and a migration', function () {
  this.timeout(240_000);
  let lab: Lab;
  let chain: LockChain;
  let scratch: string;
  let workbench: Workbench;

  before(async () => {
    lab = await sharedLab({ standbys: 2 });
    chain = await lockChain(lab.primary, { ddl: true, table: 'orders' });
    scratch = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'dbops-incident-')));
    const passfile = path.join(scratch, 'pgpass');
    writeFileSync(passfile, `*:*:*:*:${labPassword}\n`, { mode: 0o600 });
    const folder = path.join(scratch, 'shop');
    mkdirSync(folder);
    cpSync(path.join(projectRoot, 'test/fixtures/sample-workspace'), folder, { recursive: true });
    const target = { host: lab.primary.host, port: lab.primary.port, database: 'postgres', passfile };
    workbench = await openWorkbench({
      folder,
      size: { width: 1400, height: 860 },
      settings: {
        'dbOps.connections': [
          {
            id: 'shop',
            name: 'shop',
            environment: 'staging',
            readOnly: false,
            target: { ...target, user: 'postgres' },
          },
          {
            id: 'shop-limited',
            name: 'shop-limited',
            environment: 'staging',
            readOnly: true,
            target: { ...target, user: 'plain' },
          },
        ],
      },
    });
  });

  after(async () => {
    await workbench.close();
    await chain.heal();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Keeps a picture for the README when asked: DBOPS_README_PICTURES=1. */
  async function picture(name: string): Promise<void> {
    await workbench.picture(`incident-${name}`);
    if (process.env['DBOPS_README_PICTURES'] !== '1') return;
    copyFileSync(
      path.join(projectRoot, `test/pictures/incident-${name}.png`),
      path.join(projectRoot, `docs/pictures/${name}.png`),
    );
  }

  it('shows the blocking graph in the tree, its root first', async () => {
    await workbench.openContainer();
    await workbench
      .row(new RegExp(`${chain.pids.a}`))
      .first()
      .waitFor({ timeout: 60_000 });
    await workbench.row(/^shop-limited.*limited view/).waitFor({ timeout: 30_000 });
    await workbench.row(/^shop, critical/).waitFor({ timeout: 30_000 });
    await workbench
      .row(/not read yet/)
      .first()
      .waitFor({ state: 'detached', timeout: 30_000 });
    const labels = await workbench.rowLabels();
    const root = labels.findIndex((label) => label.includes(`session ${chain.pids.a}`));
    const waiter = labels.findIndex((label) => label.includes(`session ${chain.pids.b}`));
    assert.ok(root !== -1 && waiter > root, labels.join('\n'));
    await picture('tree');
    await workbench.picturesInAllThemes('tree');
  });

  it('opens the runbook, whose diagnosis has run and whose verdict names the root', async () => {
    // Tall, so that the way from the graph to the step is in one picture.
    await workbench.page.setViewportSize({ width: 1400, height: 1500 });
    await workbench.runCommand('DB Ops: Open Lock Contention Runbook…');
    await workbench.answer('shop');
    const frame = await workbench.frameWith(`text=/Session ${chain.pids.a}.*holds up 3 sessions/`, 60_000);
    await frame.locator('text=/Next step:/').first().waitFor();
    await frame.locator('text=/Next step:/').first().scrollIntoViewIfNeeded();
    await workbench.page.waitForTimeout(500);
    await picture('runbook');
    await workbench.picturesInAllThemes('runbook');
    await workbench.page.setViewportSize({ width: 1400, height: 860 });
  });

  it('lets the keyboard and a screen reader do the whole runbook', async () => {
    const { page } = workbench;
    const { a } = chain.pids;
    // The notebook of before would stay behind this one, with buttons of the same names.
    await workbench.runCommand('View: Close All Editors');
    await workbench.pressInDialog(/Don't Save/);
    // What is far below is not drawn: the step and what verifies it are in sight together.
    await page.setViewportSize({ width: 1400, height: 2000 });
    await workbench.runCommand('DB Ops: Open Lock Contention Runbook…');
    await workbench.answer('shop');
    const focused = (): Promise<string> =>
      page.evaluate(
        "document.getElementById(document.activeElement?.getAttribute('aria-activedescendant') ?? '')?.innerText ?? ''",
      );
    await until('the keyboard is at the verdict', async () => /What\sthe\sgraph\smeans/.test(await focused()), 60_000);
    const frame = await workbench.frameWith(`text=/Session ${a}.*holds up 3 sessions/`, 60_000);
    const spoken = await frame.locator('body').ariaSnapshot();
    for (const part of [
      /heading "Verdict" \[level=2\]/,
      /columnheader "Waits for"/,
      new RegExp(`row "${a} postgres orders-api idle in transaction`),
      new RegExp(`strong: "?Session ${a} \\(orders-api.*holds up 3 sessions`),
      new RegExp(`strong: "?Next step:"?\\n\\s+- text: "?terminate session ${a} `),
    ])
      assert.match(spoken, part);
    await until('the keyboard is at the step that acts', async () => {
      await page.keyboard.press('ArrowDown');
      return /pg_cancel_backend/.test(await focused());
    });
    // Its label is a button that the keyboard presses, with what it does in words.
    const label = /^Next step · Act: choose a session….*asks before anything runs$/;
    await page.getByRole('button', { name: label }).press('Enter');
    await page
      .getByRole('option', { name: new RegExp(`Terminate ${a}`) })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    // Not the alert that may be told beside it.
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    const asked = await dialog.innerText();
    assert.match(
      asked,
      new RegExp(`Terminate session ${a} on shop\\?[^]*it held up 3 sessions[^]*pg_terminate_backend`),
    );
    await workbench.picture('incident-question');
    // Whatever has the focus, Escape and a stray key must not act; the button is reached by its name.
    await dialog.getByRole('button', { name: 'Terminate Session' }).press('Enter');
    await workbench.frameWith(`text=/Session ${a} has ended/`, 30_000);
    await until('everybody goes on', async () => (await lockWaiters(lab.primary)) === 0);
    await workbench.runCommand('DB Ops: Export Incident Report');
    const report = page.getByRole('textbox').or(page.locator('.monaco-editor .view-lines'));
    await report
      .filter({ hasText: /Incident\son\sshop/ })
      .first()
      .waitFor({ timeout: 30_000 });
    await page.setViewportSize({ width: 1400, height: 860 });
  });

  it('marks the migrations that Flyway would skip or that cannot be undone', async () => {
    const { page } = workbench;
    await workbench.runCommand('Problems: Focus on Problems View');
    const lost = page
      .locator('.markers-panel')
      .getByText(/Irreversible/)
      .first();
    await lost.waitFor({ timeout: 60_000 });
    await lost.dblclick();
    await page.locator('.squiggly-warning').first().waitFor({ timeout: 30_000 });
    await page.waitForTimeout(500);
    await picture('lint');
    await workbench.picturesInAllThemes('lint');
  });
});
