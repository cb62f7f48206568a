import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { labPassword, type Lab } from '../../lab/lab';
import { projectRoot } from '../../lab/project-root';
import { sharedLab } from '../../lab/shared-lab';
import { openWorkbench, type Workbench } from '../workbench';

describe('the reports in the workbench', function () {
  this.timeout(300_000);
  let lab: Lab;
  let scratch: string;
  let workbench: Workbench;

  before(async () => {
    lab = await sharedLab({ standbys: 2 });
    await makeShop(lab);
    scratch = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'dbops-reports-')));
    const passfile = path.join(scratch, 'pgpass');
    writeFileSync(passfile, `*:*:*:*:${labPassword}\n`, { mode: 0o600 });
    const target = {
      host: lab.primary.host,
      port: lab.primary.port,
      database: 'shop_reports',
      user: 'postgres',
      passfile,
    };
    workbench = await openWorkbench({
      size: { width: 1400, height: 860 },
      settings: {
        'dbOps.connections': [{ id: 'shop', name: 'shop-prod', environment: 'staging', readOnly: false, target }],
      },
    });
    await workbench.openContainer();
    // The palette has the reports once there is a connection.
    await workbench.row(/^shop-prod.*primary/).waitFor({ timeout: 60_000 });
  });

  after(async () => {
    await workbench.close();
    rmSync(scratch, { recursive: true, force: true });
    await lab.primary.run('DROP DATABASE shop_reports WITH (FORCE)');
  });

  async function picture(name: string): Promise<void> {
    await workbench.picturesInAllThemes(`report-${name}`);
    if (process.env['DBOPS_README_PICTURES'] !== '1') return;
    const file = path.join(projectRoot, 'test', 'pictures', `report-${name}-dark.png`);
    copyFileSync(file, path.join(projectRoot, 'docs', 'pictures', `${name}.png`));
  }

  const firstCells = async (frame: Frame): Promise<string[]> =>
    frame.locator('dbops-table tbody tr:not(.space) td:first-child').allInnerTexts();

  it('lists slow statements, sorts them by a header and filters them', async () => {
    await workbench.runCommand('DB Ops: Show Slow Queries…');
    const frame = await workbench.frameWith('dbops-table tbody tr', 60_000);
    const total = frame.getByRole('columnheader', { name: 'Total' });
    assert.equal(await total.getAttribute('aria-sort'), 'descending');
    await frame.getByRole('button', { name: 'Calls' }).click();
    assert.equal(await total.getAttribute('aria-sort'), 'none');
    const calls = frame.locator('dbops-table tbody tr:not(.space) td:nth-child(4)');
    const values = (await calls.allInnerTexts()).map((text) => Number(text.replaceAll(',', '')));
    assert.deepEqual(
      values,
      [...values].sort((a, b) => b - a),
    );
    await frame.locator('.filter input').fill('from orders');
    await frame.locator('dbops-table').getByText('JOIN customers').first().waitFor();
    for (const text of await firstCells(frame)) {
      assert.match(text, /from/i);
      assert.match(text, /orders/i);
    }
  });

  it('opens a row by the keyboard and shows the whole statement with its tables', async () => {
    const frame = await workbench.frameWith('dbops-table tbody tr');
    await frame.locator('.filter input').fill('join customers');
    await frame.locator('dbops-table tbody tr:not(.space)').first().focus();
    for (const key of ['End', 'Home', 'Enter']) await workbench.page.keyboard.press(key);
    const detail = frame.locator('dbops-detail');
    await detail.getByText(/^public\.customers\b.*: .*kB/).waitFor();
    assert.match(await detail.locator('pre').innerText(), /JOIN customers/i);
    await frame.locator('.filter input').fill('');
    await workbench.page.waitForTimeout(300);
    await picture('slow-queries');
    await frame.locator('dbops-table tbody tr:not(.space)').first().focus();
    await workbench.page.keyboard.press('Escape');
    await detail.waitFor({ state: 'detached' });
  });

  it('shows text of a database as text', async () => {
    const frame = await workbench.frameWith('dbops-table tbody tr');
    await frame.locator('.filter input').fill('<img');
    await frame.locator('dbops-table tbody tr:not(.space)').first().click();
    await frame.locator('dbops-detail pre').getByText('<img src=x onerror=').waitFor();
    assert.equal(await frame.locator('img').count(), 0);
    await workbench.runCommand('View: Close All Editors');
  });

  it('lists bloat with its trust, and measures one table on request', async () => {
    await workbench.runCommand('DB Ops: Show Bloat…');
    const frame = await workbench.frameWith('dbops-table tbody tr', 60_000);
    await frame.locator('[data-tab=tables]').click();
    await frame.locator('dbops-table tbody tr', { hasText: 'order_events' }).first().click();
    await frame
      .locator('dbops-detail')
      .getByRole('button', { name: /^(Measure|Confirm)/ })
      .click();
    await frame.locator('.message', { hasText: '% free' }).waitFor();
    await picture('bloat');
  });
});

/** A small shop: slow statements, a table half deleted, a hostile text. */
async function makeShop(lab: Lab): Promise<void> {
  await lab.primary.run('DROP DATABASE IF EXISTS shop_reports WITH (FORCE)');
  await lab.primary.run('CREATE DATABASE shop_reports');
  const run = async (text: string): Promise<unknown> => lab.primary.run(text, [], 'shop_reports');
  await run('CREATE EXTENSION pg_stat_statements');
  await run('CREATE EXTENSION pgstattuple');
  await run('CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL)');
  await run(`INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 5000) AS i`);
  await run('CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, total numeric NOT NULL, note text)');
  await run(`INSERT INTO orders SELECT i, i % 5000 + 1, i % 97, repeat('n', 60) FROM generate_series(1, 40000) AS i`);
  await run('CREATE TABLE order_events (id int PRIMARY KEY, kind text NOT NULL, payload text NOT NULL)');
  await run(`INSERT INTO order_events SELECT i, 'paid', repeat('p', 90) FROM generate_series(1, 60000) AS i`);
  await run('DELETE FROM order_events WHERE id % 2 = 0');
  for (const table of ['order_events', 'orders', 'customers']) await run(`VACUUM (ANALYZE) ${table}`);
  for (let i = 1; i <= 6; i++) {
    await run(
      `SELECT c.name, sum(o.total) FROM orders AS o JOIN customers AS c ON c.id = o.customer_id GROUP BY c.name ORDER BY 2 DESC LIMIT ${i}`,
    );
    await run(`SELECT count(*) FROM order_events WHERE payload LIKE '%${i}%'`);
    await run(`UPDATE orders SET note = 'late' WHERE id = ${i}`);
  }
  await run(`SELECT count(*) AS "<img src=x onerror=alert(1)>" FROM orders`);
}
