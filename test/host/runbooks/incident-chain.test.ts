import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestApi } from '../../../src/extension';
import {
  idleInTransaction,
  lockChain,
  replayPaused,
  until as untilServer,
  writeWal,
  type Fault,
} from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import type { LabServer } from '../../lab/server';
import { connectionTo, removeConnections } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings } from '../support/settings';
import { closeEditors } from '../support/workspace';
import { act, green, openFromAlert, report, useQuickAlerts } from './chain';
import { cellOf, closeNotebooks, run, shown } from './notebook';

const mb = 1024 ** 2;

/**
 * Each incident from its fault to its report, as a person meets it: the alert, the runbook that it opens, the verdict, the
 * action, the look afterwards. The thresholds are the person's own, so that nobody waits for minutes.
 */
describe('an incident, from the fault to the report', function () {
  this.timeout(90_000);
  let lab: Lab;
  let primary: LabServer;
  let standby: LabServer;
  let api: TestApi;
  let faults: Fault[] = [];
  before(async () => {
    lab = await startLab({
      standbys: 1,
      settings: { max_connections: '14', max_wal_senders: '3', superuser_reserved_connections: '3' },
    });
    primary = lab.primary;
    standby = lab.standbys[0]!;
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
  after(() => lab.stop());

  it('pool exhaustion: a leak of one application has taken the slots', async () => {
    const shop = await connectionTo(primary, { name: 'shop' });
    const leaks: (Fault & { pid: number })[] = [];
    for (let i = 0; i < 9; i++)
      leaks.push(await idleInTransaction(primary, { applicationName: 'orders-api', user: 'plain' }));
    faults.push(...leaks);
    const { notebook, words } = await openFromAlert(shop, 'sessions.used');
    assert.match(words, /\d+\/11 sessions/);
    await untilServer('all are left behind', async () => {
      const rows = await primary.run(
        "SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND state_change < now() - interval '6 s'",
      );
      return rows.length === 9;
    });
    const verdict = await run(notebook, 'verdict');
    assert.match(verdict, /A connection leak: 9 sessions idle in transaction/);
    assert.match(verdict, /Full at the server: 1\d of 11 usable slots/);
    assert.doesNotMatch(verdict, /Also found/);
    api.prompts.script(`Terminate ${leaks[0]!.pid}`, true);
    await act(notebook, 'act');
    assert.match(shown(cellOf(notebook, 'verify')), /Sessions left in a transaction.*9.*8.*not yet/);
    // Its owners restart the application.
    await Promise.all(leaks.map((leak) => leak.heal()));
    await green(notebook);
    await report(
      notebook,
      /Alert \((warning|critical)\): \d+\/11 sessions/,
      'A connection leak: 9 sessions',
      `terminate session ${leaks[0]!.pid} of role plain`,
      'pg_terminate_backend',
      /Result: Done\. Session \d+ has ended/,
      'Good again',
    );
  });

  it('lock contention: the root first, also in the runbook of the pool that its waiters fill', async () => {
    const shop = await connectionTo(primary, { name: 'shop' });
    const other = await idleInTransaction(primary, { applicationName: 'reports' });
    faults.push(other);
    const chain = await lockChain(primary, { ddl: true, table: 'chained' });
    faults.push(chain);
    const { notebook } = await openFromAlert(shop, 'locks.longest-wait');
    assert.equal(notebook.metadata['runbook'], 'lock-contention');
    assert.match(shown(cellOf(notebook, 'verdict')), new RegExp(`Session ${chain.pids.a} .* holds up 3 sessions`));
    const pool = await openFromAlert(shop, 'sessions.oldest-idle-in-transaction');
    assert.equal(pool.notebook.metadata['runbook'], 'pool-exhaustion');
    const both = shown(cellOf(pool.notebook, 'verdict'));
    assert.match(both, new RegExp(`A lock: 3 sessions wait for it\\. Session ${chain.pids.a} `));
    assert.match(both, /Also found.*A connection leak: 2 sessions/s);
    await vscode.window.showNotebookDocument(notebook);
    api.prompts.script('Terminate', true);
    await act(notebook, 'act');
    const [pick] = api.prompts.asked;
    assert.ok(pick?.kind === 'pick' && pick.labels[0] === `Terminate ${chain.pids.a}`, 'the root is first');
    await green(notebook);
    await run(pool.notebook, 'verdict');
    assert.match(shown(cellOf(pool.notebook, 'verdict')), /A connection leak: 1 session/, 'the other fault is left');
    await report(
      notebook,
      /Alert \((warning|critical)\): 3 blocked/,
      'holds up 3 sessions',
      'pg_terminate_backend',
      /Result: Done\./,
      'The graph is empty',
    );
  });

  it('replication lag: paused replay first, then the slot without a consumer', async () => {
    const shop = await connectionTo(primary, { name: 'shop' });
    await connectionTo(standby, { name: 'shop-replica' });
    await primary.run("SELECT pg_create_logical_replication_slot('dead_cdc', 'test_decoding')");
    faults.push(await replayPaused(standby));
    await writeWal(primary, 70 * mb);
    const { notebook, words } = await openFromAlert(shop, 'standby.lag-bytes');
    assert.match(words, /^standby1 behind by [\d.]+ MB$/);
    const verdict = shown(cellOf(notebook, 'verdict'));
    assert.match(verdict, /\n\nStandby standby1 .*: replay is PAUSED/);
    assert.match(verdict, /Also found.*Slot dead_cdc/s);
    api.prompts.script(true);
    await act(notebook, 'resume');
    const slot = await openFromAlert(shop, 'slots.retained', 'dead_cdc');
    await untilServer('the standby has caught up', async () => {
      const rows = await primary.run(
        'SELECT 1 FROM pg_stat_replication WHERE pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) < 100000',
      );
      return rows.length === 1;
    });
    assert.match(await run(slot.notebook, 'verdict'), /\n\nSlot dead_cdc has no consumer and keeps \d+(\.\d)? MB/);
    api.prompts.script('dead_cdc', true);
    await act(slot.notebook, 'slot');
    await green(slot.notebook);
    await green(notebook);
    await report(
      notebook,
      /Alert \((warning|critical)\): standby1 behind by [\d\\.]+ MB/,
      /Alert \((warning|critical)\): slot dead\\?_cdc keeps/,
      'replay is PAUSED',
      'resume replay on shop-replica',
      'pg_wal_replay_resume',
      'drop replication slot dead_cdc',
      'pg_drop_replication_slot',
      /Result: Done\. Replay goes on/,
      'Good again',
    );
  });

  it('migration failure: the failed row and what it has left', async () => {
    await primary.run('CREATE DATABASE migrated');
    const inShop = (text: string): Promise<unknown> => primary.run(text, [], 'migrated');
    await inShop('CREATE TABLE orders AS SELECT 1 AS id FROM generate_series(1, 2)');
    await inShop(`CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50),
      description varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum int,
      installed_by varchar(100) NOT NULL DEFAULT 'flyway', installed_on timestamp NOT NULL DEFAULT now(),
      execution_time int NOT NULL DEFAULT 1, success boolean NOT NULL)`);
    await inShop(`INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, success)
      VALUES (1, '1', 'base', 'SQL', 'V1__base.sql', true), (2, '2', 'key', 'SQL', 'V2__key.sql', false)`);
    await assert.rejects(inShop('CREATE UNIQUE INDEX CONCURRENTLY orders_key ON orders (id)'));
    const shop = await connectionTo(primary, { name: 'shop', database: 'migrated' });
    const { notebook, words } = await openFromAlert(shop, 'flyway-history.failure');
    assert.equal(words, 'migration FAILED: V2__key.sql');
    assert.equal(notebook.metadata['runbook'], 'migration-rollback');
    assert.match(shown(cellOf(notebook, 'verdict')), /\n\nMigration V2__key\.sql FAILED and is half-applied/);
    api.prompts.script('public.orders_key', true);
    await act(notebook, 'drop-index');
    assert.match(
      shown(cellOf(notebook, 'verify')),
      /Failed rows in the history.*1.*1.*not yet/,
      'repair is for a person',
    );
    await inShop('DELETE FROM flyway_schema_history WHERE NOT success');
    await green(notebook);
    await report(
      notebook,
      /Alert \(critical\): migration FAILED: V2\S*key/,
      'is half-applied',
      'DROP INDEX CONCURRENTLY',
      /Result: Done\./,
      'Good again',
    );
  });

  it('database unavailable: it comes back; the next time its standby takes over', async () => {
    const shop = await connectionTo(primary, { name: 'shop' });
    await connectionTo(standby, { name: 'shop-replica' });
    await primary.stop('fast');
    const { notebook } = await openFromAlert(shop, 'server.up');
    assert.equal(notebook.metadata['runbook'], 'database-unavailable');
    const down = /The server is down: nothing answers, and no standby receives from it/;
    assert.match(await run(notebook, 'verdict'), down);
    assert.match(await run(notebook, 'verify'), /none known.*not yet/s);
    await primary.start();
    await green(notebook);
    await primary.kill();
    await untilServer('the standby is an orphan', async () => {
      return (await standby.run("SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming'")).length === 0;
    });
    assert.match(await run(notebook, 'verdict'), down);
    api.prompts.script('shop-replica', 'Yes, it cannot take writes again', true);
    await act(notebook, 'promote');
    await green(notebook);
    await report(
      notebook,
      /Alert \(critical\): /,
      'The server is down',
      'promote shop-replica to primary on shop-replica',
      'pg_promote',
      /Result: Done\. shop-replica is the primary/,
      'Good again',
    );
  });
});
