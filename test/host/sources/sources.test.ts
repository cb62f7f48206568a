import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestApi } from '../../../src/extension';
import { PgBouncerOpener } from '../../../src/postgres/pgbouncer-console';
import type { FleetElement } from '../../../src/vscode/fleet/fleet-item';
import type { LoadedSources } from '../../../src/vscode/sources/register-sources';
import { bareSystem } from '../../database/connection/opening';
import { pgbouncerProgram, startPgBouncer, type PgBouncer } from '../../database/connection/pgbouncer';
import { hikariObstacle, startHikariApp, type HikariApp } from '../../lab/hikari/hikari-app';
import { labPassword, startLab, type Lab } from '../../lab/lab';
import { exporterProgram, prometheusProgram, startExporter, startPrometheus, type Running } from '../../lab/prometheus';
import { connectionTo, removeConnections, snapshotWhen } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings, useSettings } from '../support/settings';
import { until } from '../support/until';

const setting = (key: string): unknown => vscode.workspace.getConfiguration('dbOps').inspect(key)?.globalValue;

describe('metrics sources', () => {
  let lab: Lab;
  let api: TestApi;
  let loaded: LoadedSources;
  before(async () => {
    lab = await startLab();
    api = await activated();
    loaded = await api.sources.load();
    await vscode.commands.executeCommand('dbOps.connections.focus');
  });
  after(async () => {
    await lab.stop();
  });
  beforeEach(async () => {
    api.prompts.script();
    await useSettings({ 'polling.activityIntervalSeconds': 1 });
  });
  afterEach(async () => {
    await resetSettings();
    await removeConnections();
  });

  const words = (id: string): string[] =>
    api.monitor
      .snapshot(id)
      .signals.flatMap(({ about, findings }) => (about.group === 'pool' ? findings.map((one) => one.words) : []));
  const messages = (): string[] =>
    api.prompts.asked.flatMap((asked) => (asked.kind === 'notify' ? [asked.message] : []));

  describe('an application', () => {
    let app: HikariApp;
    before(async function () {
      const obstacle = hikariObstacle();
      if (obstacle !== undefined) {
        console.log(`      ${obstacle} These tests are skipped.`);
        this.skip();
      }
      app = await startHikariApp(lab.primary, 'shop-api:4');
    });
    after(async () => {
      await (app as HikariApp | undefined)?.stop();
    });

    it('is asked for, read once, saved by the name of its connection, and shown', async () => {
      const profile = await connectionTo(lab.primary, { name: 'shop' });
      api.prompts.script('Application', `${app.origin}/actuator`, 'shop-api', '3', 'Straight', 'None');
      await vscode.commands.executeCommand('dbOps.source.add');
      assert.deepEqual(messages(), ['shop-api: 1 pool found (shop-api).']);
      assert.deepEqual(setting('applications'), [
        { connection: 'shop', name: 'shop-api', url: `${app.origin}/actuator`, instances: 3 },
      ]);
      await snapshotWhen(profile.id, 'the pool is shown', () => words(profile.id).some((one) => one.endsWith('0/4')));
      const sizing = words(profile.id).find((one) => one.startsWith('pools may take'));
      assert.match(sizing ?? '', /12 of 97 slots/, 'three instances of four');
    });

    it('that does not answer is told with the way out, and is saved only when a person wants it', async () => {
      await connectionTo(lab.primary, { name: 'shop' });
      const answers = ['Application', 'http://127.0.0.1:9/actuator', 'gone', '1', 'Straight', 'None'];
      api.prompts.script(...answers);
      await vscode.commands.executeCommand('dbOps.source.add');
      assert.match(messages()[0] ?? '', /127\.0\.0\.1:9/);
      assert.equal(setting('applications'), undefined, 'closing the message leads back, and giving up saves nothing');
      api.prompts.script(...answers, 'Save Anyway');
      await vscode.commands.executeCommand('dbOps.source.add');
      assert.deepEqual(setting('applications'), [
        { connection: 'shop', name: 'gone', url: 'http://127.0.0.1:9/actuator' },
      ]);
    });

    it('refuses an address with a password, and one that is there already', async () => {
      await connectionTo(lab.primary, { name: 'shop' });
      api.prompts.script('Application', 'http://bob:secret@127.0.0.1/actuator');
      await vscode.commands.executeCommand('dbOps.source.add');
      const asked = api.prompts.asked.at(-1);
      assert.ok(asked?.kind === 'input' && asked.answer === undefined, 'the box does not take it');
      assert.match(asked.request.validate?.('http://bob:secret@127.0.0.1/actuator') ?? '', /secret storage/);
      await useSettings({ applications: [{ connection: 'shop', name: 'api', url: `${app.origin}/actuator` }] });
      api.prompts.script('Application', `${app.origin}/actuator`, 'api');
      await vscode.commands.executeCommand('dbOps.source.add');
      const last = api.prompts.asked.at(-1);
      assert.ok(last?.kind === 'input' && last.answer === undefined);
      assert.match(last.request.validate?.('api') ?? '', /in the settings already/);
    });
  });

  describe('a pooler', () => {
    let bouncer: PgBouncer;
    before(async function () {
      const program = pgbouncerProgram();
      if (program === undefined) {
        console.log('      PgBouncer is not installed. These tests are skipped.');
        this.skip();
      }
      bouncer = await startPgBouncer(program, lab.primary, { stats_users: 'monitor' });
    });
    after(async () => {
      await (bouncer as PgBouncer | undefined)?.stop();
    });

    it('is asked for with its password, which is kept in the secret storage alone', async () => {
      const profile = await connectionTo(lab.primary, { name: 'shop' });
      const { host, port } = bouncer;
      api.prompts.script('PgBouncer', host, String(port), 'monitor', 'bouncer', labPassword);
      await vscode.commands.executeCommand('dbOps.source.add');
      assert.match(messages()[0] ?? '', /^bouncer: PgBouncer 1\.\d+/);
      assert.deepEqual(setting('poolers'), [{ connection: 'shop', name: 'bouncer', host, port, user: 'monitor' }]);
      const id = `pooler ${profile.id}/bouncer`;
      assert.equal(await api.passwords.password(id), labPassword);
      await snapshotWhen(profile.id, 'its pools are shown', () =>
        words(profile.id).some((one) => one.startsWith('bouncer · ')),
      );
      // The stored password is taken away again, by the command for it.
      api.prompts.script('shop: bouncer', 'Remove');
      await vscode.commands.executeCommand('dbOps.credentials.store');
      assert.equal(await api.passwords.password(id), undefined);
      const refused = new PgBouncerOpener(api.passwords, bareSystem);
      const target = { host, port, user: 'monitor', sslMode: 'disable' as const };
      await assert.rejects(
        refused.open(
          { id, name: 'bouncer', environment: 'development', readOnly: true, target },
          AbortSignal.timeout(5000),
        ),
        { reason: 'password-missing' },
      );
    });
  });

  describe('a Prometheus', () => {
    let prometheus: Running;
    let exporter: Running;
    before(async function () {
      const program = prometheusProgram();
      const exporting = exporterProgram();
      if (program === undefined || exporting === undefined) {
        console.log('      Prometheus or its exporter is not installed. These tests are skipped.');
        this.skip();
      }
      exporter = await startExporter(exporting, lab.primary);
      prometheus = await startPrometheus(program, [
        { job: 'shop', address: exporter.address },
        // Nobody listens there: it was never up.
        { job: 'shop', address: '127.0.0.1:9' },
      ]);
    });
    after(async () => {
      await (prometheus as Running | undefined)?.stop();
      await (exporter as Running | undefined)?.stop();
    });

    /** Everything in the Fleet view, with its item. */
    function fleet(element?: FleetElement): { element: FleetElement; item: vscode.TreeItem }[] {
      return loaded.fleet
        .children(element)
        .flatMap((child) => [{ element: child, item: loaded.fleet.item(child) }, ...fleet(child)]);
    }

    it('shows its servers in the Fleet view, by group, each with words for the ear', async () => {
      api.prompts.script('Prometheus', prometheus.origin, 'prod', 'None');
      await vscode.commands.executeCommand('dbOps.source.add');
      assert.match(messages()[0] ?? '', /^prod: |^prod answers, /);
      assert.deepEqual(setting('prometheus'), [{ name: 'prod', url: prometheus.origin }]);
      await vscode.commands.executeCommand('dbOps.fleet.focus');
      const server = await until(
        'the server is there',
        async () => {
          await vscode.commands.executeCommand('dbOps.fleet.refresh');
          return fleet().find(({ element, item }) => element.kind === 'instance' && item.label === exporter.address);
        },
        20_000,
      );
      assert.match(server.item.accessibilityInformation?.label ?? '', /^server 127\.0\.0\.1:\d+, ok, /);
      assert.match(String(server.item.description), /\d+\/\d+ sessions/);
      const group = fleet().find(({ element }) => element.kind === 'group');
      assert.ok(group);
      assert.equal(group.item.label, 'shop');
      assert.match(String(group.item.description), /1 server/);
    });

    it('says what is wrong where it cannot be read', async () => {
      await useSettings({ prometheus: [{ name: 'gone', url: 'http://127.0.0.1:9' }] });
      const note = await until('a note', async () => {
        await vscode.commands.executeCommand('dbOps.fleet.refresh');
        return fleet().find(({ element }) => element.kind === 'note' && /127\.0\.0\.1:9/.test(element.text));
      });
      assert.ok(note.item.accessibilityInformation?.label);
    });
  });
});
