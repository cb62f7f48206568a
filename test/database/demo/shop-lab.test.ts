import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { demoSettings } from '../../../scripts/demo/connections';
import { operatorRole, shopDatabase, startShopLab } from '../../../scripts/demo/shop-lab';
import { Workload } from '../../../scripts/demo/workload';
import { readProfiles } from '../../../src/core/connection/read-profiles';
import { localSystem } from '../../../src/postgres/local-system';
import { PostgresOpener } from '../../../src/postgres/postgres-opener';
import { lockWaiters, until } from '../../lab/faults';
import type { Lab } from '../../lab/lab';

describe('the demo', function () {
  this.timeout(180_000);
  let lab: Lab;
  let workload: Workload;
  let folder: string;

  before(async () => {
    lab = await startShopLab();
    workload = new Workload(lab);
    workload.start();
    folder = mkdtempSync(path.join(os.tmpdir(), 'demo-settings-'));
  });

  after(async () => {
    await workload.stop();
    await lab.stop();
    rmSync(folder, { recursive: true });
  });

  it('has a shop that is slow without an index, and tables with free space and dead rows', async () => {
    const [found] = await lab.primary.run<{ orders: number; free: number; dead: number; indexed: number }>(
      `SELECT (SELECT count(*)::int FROM orders) AS orders,
              (SELECT count(*)::int FROM pg_indexes WHERE indexdef LIKE '%orders%(customer_id)%') AS indexed,
              approx_free_percent AS free, dead_tuple_percent AS dead
         FROM pgstattuple_approx('cart_events')`,
      [],
      shopDatabase.database,
    );
    assert.ok(found!.orders >= 120_000);
    assert.equal(found!.indexed, 0);
    assert.ok(found!.free > 30, `${found!.free} % free`);
    assert.ok(found!.dead > 10, `${found!.dead} % dead`);
  });

  it('works: statements are counted, a session stays idle in its transaction, a lock chain comes and goes', async () => {
    const chain = async (): Promise<number> => lockWaiters(lab.primary);
    await until('three sessions wait behind a lock', async () => (await chain()) >= 3, 60_000);
    const idle = await lab.primary.run(
      "SELECT FROM pg_stat_activity WHERE state = 'idle in transaction' AND application_name = 'shop-admin'",
    );
    assert.equal(idle.length, 1);
    const busy = await lab.primary.run(
      `SELECT FROM pg_stat_statements WHERE query LIKE 'SELECT * FROM orders WHERE customer_id%' AND calls > 5`,
      [],
      shopDatabase.database,
    );
    assert.equal(busy.length, 1);
    await until('they are free again', async () => (await chain()) === 0, 60_000);
  });

  it('connects through settings that hold no password, as a role that may end sessions of the application', async () => {
    const settings = demoSettings(lab, folder);
    assert.ok(!JSON.stringify(settings).includes(lab.primary.password));
    const passfile = path.join(folder, 'pgpass');
    assert.equal(statSync(passfile).mode & 0o777, 0o600);
    assert.ok(readFileSync(passfile, 'utf8').includes(lab.primary.password));
    const { profiles, problems } = readProfiles(settings['dbOps.connections']);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      profiles.map(({ name }) => name),
      ['shop-prod', 'shop-standby1', 'shop-standby2', 'shop-limited'],
    );
    const none = { password: () => Promise.resolve(undefined) };
    const opener = new PostgresOpener(none, { ...localSystem(), environment: {}, homeDirectory: '/nonexistent' });
    const session = await opener.open(profiles[0]!, new AbortController().signal);
    await session.close();
    const [may] = await lab.primary.run<{ signal: boolean; read: boolean }>(
      `SELECT pg_has_role($1, 'pg_signal_backend', 'usage') AS signal, pg_has_role($1, 'pg_monitor', 'usage') AS read`,
      [operatorRole],
    );
    assert.deepEqual(may, { signal: true, read: true });
  });
});
