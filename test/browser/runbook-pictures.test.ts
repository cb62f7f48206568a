import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runbookEntries } from '../../src/core/runbooks/registry';
import { idleInTransaction, lockChain, replayPaused, writeWal, type Fault } from '../lab/faults';
import { labPassword, startLab, type Lab } from '../lab/lab';
import { openWorkbench, type Workbench } from './workbench';

const titles: Readonly<Record<string, string>> = {
  'pool-sizing': 'Pool Sizing Review',
  'migration-review': 'Flyway History Review',
  'cheat-sheet': 'Cheat Sheet',
};

/** What is asked before a runbook opens. */
const answers: Readonly<Record<string, string>> = {
  scaling: 'Not known',
  backup: 'No',
  'cheat-sheet': 'All',
};

/** Every runbook on a server in trouble, in all four kinds of themes, for a person to look at: by night. */
describe('pictures of the runbooks', function () {
  this.timeout(240_000);
  let lab: Lab;
  let scratch: string;
  let workbench: Workbench;
  const faults: Fault[] = [];

  before(async function () {
    if (process.env['DBOPS_NIGHTLY'] === undefined) this.skip();
    lab = await startLab({ standbys: 1, settings: { archive_mode: 'on', archive_command: '/bin/false' } });
    await lab.primary.run(
      `CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200),
         type varchar(20), script varchar(1000), checksum int, installed_by varchar(100),
         installed_on timestamp DEFAULT now(), execution_time int, success boolean);
       INSERT INTO flyway_schema_history VALUES (1, '1', 'init', 'SQL', 'V1__init.sql', 7, 'deploy', now(), 12, true),
         (2, '2', 'unique sku', 'SQL', 'V2__unique_sku.sql', 8, 'deploy', now(), 12, false);
       CREATE TABLE carts AS SELECT i, repeat('x', 200) AS sku FROM generate_series(1, 50000) AS i;
       CREATE INDEX carts_i ON carts (i);
       CREATE INDEX carts_i_again ON carts (i);
       DELETE FROM carts WHERE i % 10 > 1`,
    );
    await lab.primary.run('VACUUM carts');
    await lab.primary.run("SELECT pg_create_physical_replication_slot('dead_cdc', true)");
    faults.push(await lockChain(lab.primary, { ddl: true, table: 'orders' }));
    faults.push(await idleInTransaction(lab.primary, { applicationName: 'shop-admin' }));
    faults.push(await replayPaused(lab.standbys[0]!));
    await writeWal(lab.primary, 40 * 1024 ** 2);
    scratch = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'dbops-pictures-')));
    const passfile = path.join(scratch, 'pgpass');
    writeFileSync(passfile, `*:*:*:*:${labPassword}\n`, { mode: 0o600 });
    const connection = (name: string, server: Lab['primary']): object => ({
      ...{ id: name, name, environment: 'staging', readOnly: false },
      target: { host: server.host, port: server.port, database: 'postgres', passfile, user: 'postgres' },
    });
    workbench = await openWorkbench({
      size: { width: 1200, height: 2400 },
      settings: {
        'dbOps.connections': [connection('shop', lab.primary), connection('shop-replica', lab.standbys[0]!)],
      },
    });
    await workbench.openContainer();
  });

  after(async () => {
    await (workbench as Workbench | undefined)?.close();
    for (const fault of faults) await fault.heal().catch(() => undefined);
    await (lab as Lab | undefined)?.stop();
    if (scratch) rmSync(scratch, { recursive: true, force: true });
  });

  for (const { id, title } of runbookEntries) {
    it(`of ${id}`, async () => {
      await workbench.runCommand(`DB Ops: Open ${titles[id] ?? `${title} Runbook`}…`);
      await workbench.answer('shop');
      const answer = answers[id];
      if (answer !== undefined) await workbench.answer(answer);
      await workbench.frameWith('text=/Next step:|The server is up|NOT known|not known|no matter|None /', 60_000);
      await workbench.page.waitForTimeout(1500);
      await workbench.page.keyboard.press('Control+Home');
      await workbench.picturesInAllThemes(`runbook-${id}`);
      await workbench.runCommand('View: Close All Editors');
      const dialog = workbench.page.locator('.monaco-dialog-box');
      if (await dialog.isVisible().catch(() => false)) await workbench.pressInDialog(/Don't Save/);
    });
  }
});
