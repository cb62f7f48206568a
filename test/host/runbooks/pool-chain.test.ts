import assert from 'node:assert/strict';
import pg from 'pg';
import * as vscode from 'vscode';
import type { TestApi } from '../../../src/extension';
import { pgbouncerProgram, startPgBouncer } from '../../database/connection/pgbouncer';
import { lockChain, until as untilServer, type Fault } from '../../lab/faults';
import { hikariObstacle, startHikariApp } from '../../lab/hikari/hikari-app';
import type { Lab } from '../../lab/lab';
import type { LabServer } from '../../lab/server';
import { sharedLab } from '../../lab/shared-lab';
import { connectionTo, removeConnections } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings, useSettings } from '../support/settings';
import { until } from '../support/until';
import { closeEditors } from '../support/workspace';
import { act, green, openFromAlert, report, useQuickAlerts } from './chain';
import { cellOf, closeNotebooks, run, shown } from './notebook';

describe('an incident at a pool before the server', function () {
  this.timeout(90_000);
  let lab: Lab;
  let primary: LabServer;
  let api: TestApi;
  let faults: Fault[] = [];
  before(async () => {
    lab = await sharedLab();
    primary = lab.primary;
    api = await activated();
    await vscode.commands.executeCommand('dbOps.connections.focus');
  });
  beforeEach(async () => {
    api.prompts.script();
    await useQuickAlerts();
  });
  afterEach(async () => {
    await Promise.all(faults.map((fault) => fault.heal()));
    faults = [];
    await closeNotebooks();
    await closeEditors();
    await resetSettings();
    await removeConnections();
  });

  it('HikariCP: connections held for nothing, then a lock', async function () {
    const obstacle = hikariObstacle();
    if (obstacle !== undefined) {
      console.log(`      ${obstacle} This test is skipped.`);
      this.skip();
    }
    const app = await startHikariApp(primary, 'shop-api:3');
    faults.push({ heal: () => app.stop() });
    const shop = await connectionTo(primary, { name: 'shop' });
    await useSettings({ applications: [{ connection: 'shop', name: 'api', url: `${app.origin}/actuator` }] });
    await app.control('shop-api', 'hold/3');
    await app.control('shop-api', 'wait/2');
    const { notebook, words } = await openFromAlert(shop, 'hikari.used');
    assert.match(words, /^api · shop-api 3\/3/);
    const verdict = shown(cellOf(notebook, 'verdict'));
    assert.match(verdict, /The application holds its connections and uses none/);
    assert.match(verdict, /Full at the application pool: api · shop-api 3\/3/);
    await app.control('shop-api', 'release');
    const chain = await lockChain(primary);
    faults.push(chain);
    await primary.run('GRANT ALL ON lock_chain TO plain');
    await app.control('shop-api', 'update/3');
    await untilServer('its sessions wait', async () => {
      const rows = await primary.run(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'plain'",
      );
      return rows.length === 3;
    });
    await api.monitor.refresh(shop.id);
    const lock = await until('the pool is seen full', async () => {
      const text = await run(notebook, 'verdict');
      return text.includes('Full at the application pool') && text;
    });
    assert.match(lock, new RegExp(`A lock: 5 sessions wait for it\\. Session ${chain.pids.a} `));
    api.prompts.script('Terminate', true);
    await act(notebook, 'act');
    await report(
      notebook,
      /Alert \((warning|critical)\): api · shop-api/,
      'A lock: 5 sessions',
      'Full at the application pool',
      `terminate session ${chain.pids.a}`,
      /Result: Done\./,
    );
  });

  it('PgBouncer: slow statements have its few connections', async function () {
    const program = pgbouncerProgram();
    if (program === undefined) {
      console.log('      PgBouncer is not installed. This test is skipped.');
      this.skip();
    }
    const bouncer = await startPgBouncer(program, primary, { stats_users: 'monitor', default_pool_size: '1' });
    faults.push({ heal: () => bouncer.stop() });
    const shop = await connectionTo(primary, { name: 'shop' });
    const { host, port } = bouncer;
    await api.passwords.store(`pooler ${shop.id}/bouncer`, bouncer.password);
    await useSettings({ poolers: [{ connection: 'shop', name: 'bouncer', host, port, user: 'monitor' }] });
    const asking = ['first', 'second'].map((name) => {
      const client = new pg.Client({
        host,
        port,
        user: 'plain',
        password: bouncer.password,
        database: 'postgres',
        application_name: name,
      });
      client.on('error', () => undefined);
      return client;
    });
    for (const client of asking) await client.connect();
    faults.push({
      heal: () => Promise.all(asking.map((client) => client.end().catch(() => undefined))).then(() => undefined),
    });
    const sleep = (client: pg.Client | undefined, seconds: number): Promise<string | undefined> =>
      client?.query(`SELECT pg_sleep($1)`, [seconds]).then(
        () => 'done',
        (error: unknown) => (error as { code?: string }).code,
      ) ?? Promise.resolve(undefined);
    const slow = sleep(asking[0], 600);
    // Both at once, the one that is done in no time may be the first, and nobody waits.
    await untilServer('the slow statement has the connection', async () => {
      const rows = await primary.run(
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'",
      );
      return rows.length > 0;
    });
    const waits = sleep(asking[1], 0);
    await new Promise((resolve) => setTimeout(resolve, 5500));
    const early = slow.then((result): never => {
      throw new Error(`the slow statement has ended: ${String(result)}`);
    });
    const { notebook, words } = await Promise.race([openFromAlert(shop, 'pgbouncer.wait'), early]);
    assert.match(words, /^bouncer · .*1 waiting/);
    const verdict = shown(cellOf(notebook, 'verdict'));
    assert.match(verdict, /Slow statements: 1 session at work for more than 5 s/);
    assert.match(verdict, /Full at the pooler: bouncer/);
    api.prompts.script('Cancel query of', true);
    await act(notebook, 'act');
    assert.deepEqual(await Promise.all([slow, waits]), ['57014', 'done'], 'who waited goes on');
    await api.monitor.refresh(shop.id);
    await green(notebook);
    await report(
      notebook,
      /Alert \((warning|critical)\): bouncer · /,
      'Slow statements',
      'pg_cancel_backend',
      /Result: Done\./,
      'Good again',
    );
    await api.passwords.remove(`pooler ${shop.id}/bouncer`);
  });
});
