import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { defaultLabels } from '../../../src/core/prometheus/fleet-queries';
import type { FleetServer } from '../../../src/core/prometheus/fleet';
import { defaultMapping, readMapping } from '../../../src/core/prometheus/metric-mapping';
import { FetchReader } from '../../../src/sources/http/fetch-reader';
import { PrometheusClient } from '../../../src/sources/prometheus/prometheus-client';
import { readFleet } from '../../../src/sources/prometheus/read-fleet';
import { idleInTransaction, replayPaused, until, writeWal } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { exporterProgram, prometheusProgram, startExporter, startPrometheus, type Running } from '../../lab/prometheus';
import { startWebServer, type WebServer } from '../../unit/sources/web-server';

const exampleQueries = '/usr/share/doc/prometheus-postgres-exporter/examples/queries.yaml';

/** Many are served by one process of the test. */
const many = 500;

describe('a real Prometheus', function () {
  const prometheus = prometheusProgram();
  const exporter = exporterProgram();
  let lab: Lab;
  let pages: WebServer;
  let running: Record<'primary' | 'standby' | 'prometheus', Running>;
  let client: PrometheusClient;
  const content = new Map<string, string>();

  before(async function () {
    this.timeout(120_000);
    if (prometheus === undefined || exporter === undefined || !existsSync(exampleQueries)) {
      console.log('      Debian: apt-get install prometheus prometheus-postgres-exporter; their tests are skipped.');
      this.skip();
    }
    lab = await startLab({ major: 15, standbys: 1 });
    pages = await startWebServer();
    pages.answer = (request, response) => {
      const page = content.get(request.url ?? '');
      if (page === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(page);
    };
    const address = pages.origin.replace('http://', '');
    const [primary, standby] = await Promise.all([
      startExporter(exporter, lab.primary, exampleQueries),
      startExporter(exporter, lab.standbys[0]!, exampleQueries),
    ]);
    content.set('/new', newerExporter);
    content.set('/guide', guideNames);
    content.set('/odd', oddValues);
    content.set('/node', nodeExporter);
    for (let i = 0; i < many; i++)
      content.set(`/many/${i}`, `pg_up ${i % 50 === 7 ? 0 : 1}\npg_stat_activity_count{state="idle"} ${i}\n`);
    const served = [...content.keys()].map((path) => ({
      job: path.startsWith('/many') ? 'many' : 'few',
      address,
      path,
      labels: { instance: path },
    }));
    const real = [
      { job: 'shop', address: primary.address, labels: { instance: 'shop-primary' } },
      { job: 'shop', address: standby.address, labels: { instance: 'shop-standby' } },
    ];
    running = { primary, standby, prometheus: await startPrometheus(prometheus, [...real, ...served]) };
    client = new PrometheusClient(new URL(running.prometheus.origin), new FetchReader(), () =>
      Promise.resolve(undefined),
    );
    await until('everything is scraped', async () => (await fleet()).servers.length === many + 5, 60_000);
  });
  after(async () => {
    const all: readonly Running[] = Object.values((running as typeof running | undefined) ?? {});
    await Promise.all(all.map((part) => part.stop()));
    await (pages as WebServer | undefined)?.stop();
    await (lab as Lab | undefined)?.stop();
  });

  const fleet = (only = '', staleS?: number): ReturnType<typeof readFleet> =>
    readFleet(client, defaultMapping, { ...defaultLabels, only }, { staleS });
  const one = async (instance: string, staleS?: number): Promise<FleetServer> =>
    (await fleet('', staleS)).servers.find((server) => server.instance === instance)!;

  it('shows real servers by the exporter of Debian (0.11)', async () => {
    const idle = await idleInTransaction(lab.primary);
    await until(
      'the session is scraped',
      async () => (await one('shop-primary')).sessionsByState.get('idle in transaction') === 1,
    );
    const primary = await one('shop-primary');
    assert.deepEqual([primary.state, primary.group, primary.usable], ['up', 'shop', 97]);
    assert.ok(
      (primary.ageS ?? 99) < 5 && (primary.databaseBytes ?? 0) > 5_000_000 && (primary.longestTransactionS ?? -1) >= 0,
    );
    assert.ok(primary.sessions !== null && primary.sessions >= 2);
    assert.equal(primary.lagS, null, 'the exporter says 0 of a primary');
    assert.ok(primary.lagBytes !== null && primary.lagBytes < 1_000_000);
    await idle.heal();
  });

  it('shows the lag of a standby: in bytes at its primary, in seconds as an upper bound', async () => {
    const standby = lab.standbys[0]!;
    // Before the first one the exporter says 0, which is not known to be true and is not shown.
    await lab.primary.run('CREATE TABLE first_transaction ()');
    await until('a transaction is replayed', async () => {
      const [row] = await standby.run<{ seen: boolean }>('SELECT pg_last_xact_replay_timestamp() IS NOT NULL AS seen');
      return row?.seen === true;
    });
    const paused = await replayPaused(standby);
    await writeWal(lab.primary, 20 * 1024 ** 2);
    await until('the primary sees it', async () => ((await one('shop-primary')).lagBytes ?? 0) > 15 * 1024 ** 2);
    await until('the standby counts seconds', async () => ((await one('shop-standby')).lagS ?? 0) > 0);
    assert.equal((await one('shop-standby')).lagIsUpperBound, true);
    await paused.heal();
    await until('it has caught up', async () => ((await one('shop-primary')).lagBytes ?? 1e9) < 1_000_000);
  });

  it('knows newer names, the names of the guide, and values that cannot be', async () => {
    const newer = await one('/new');
    assert.deepEqual(
      [newer.role, newer.lagS, newer.lagIsUpperBound, newer.sessions, newer.usable, newer.sessionsByState.get('idle')],
      ['standby', 7.5, false, 9, 90, 6],
    );
    const guide = await one('/guide');
    assert.deepEqual(
      [guide.state, guide.lagS, guide.lagBytes, guide.databaseBytes, guide.sessions],
      ['up', 2, 1024, 5e9, 12],
    );
    const odd = await one('/odd');
    assert.deepEqual(
      [odd.state, odd.lagS, odd.databaseBytes, odd.longestTransactionS, odd.incomplete],
      ['up', null, null, null, true],
    );
  });

  it('asks six questions for five hundred servers, in groups', async () => {
    let asked = 0;
    const counting = new FetchReader();
    const counted = new PrometheusClient(
      new URL(running.prometheus.origin),
      { get: (url, request) => (asked++, counting.get(url, request)) },
      () => Promise.resolve(undefined),
    );
    const { servers } = await readFleet(counted, defaultMapping, defaultLabels);
    assert.equal(asked, 6);
    const group = servers.filter((server) => server.group === 'many');
    assert.deepEqual(
      [
        group.length,
        group.filter((server) => server.state === 'up').length,
        group.filter((server) => server.state === 'down').length,
      ],
      [many, 490, 10],
    );
    assert.equal(group.find((server) => server.instance === '/many/41')?.sessions, 41);
    assert.equal(
      group.find((server) => server.instance === '/many/7')?.sessions,
      null,
      'down: what is still served counts for nothing',
    );
    assert.deepEqual((await fleet('job="few"')).servers.length, 3);
  });

  it('takes names of a setting', async () => {
    const { mapping, problems } = readMapping({ sessions: 'pg_stat_activity_count', databaseBytes: ['my_size'] });
    assert.deepEqual(problems, []);
    content.set('/new', `${newerExporter}my_size 77\n`);
    await until('it is scraped', async () => {
      const { servers } = await readFleet(client, mapping, defaultLabels);
      return servers.find((server) => server.instance === '/new')?.databaseBytes === 77;
    });
  });

  it('shows a server that is down, one that is stale and one that is gone, and no number of theirs', async function () {
    this.timeout(90_000);
    await lab.standbys[0]!.stop('immediate');
    await until('it is down', async () => (await one('shop-standby')).state === 'down', 20_000);
    const down = await one('shop-standby');
    assert.deepEqual([down.lagS, down.sessions, down.databaseBytes, down.usable], [null, null, null, null]);
    const served = await fetch(`${running.standby.origin}/metrics`).then((answer) => answer.text());
    assert.match(served, /^pg_up 0$/m);
    assert.equal((await one('shop-primary', 0)).state, 'stale');
    assert.equal((await one('shop-primary', 0)).sessions, null);
    await running.primary.stop();
    await until('it is gone', async () => (await one('shop-primary')).state === 'gone');
    assert.deepEqual([(await one('shop-primary')).ageS, (await one('shop-primary')).sessions], [null, null]);
  });

  it('reads the file systems of several connections in one question, the fullest where several fit', async () => {
    const disks = {
      shop: 'instance="/node",mountpoint="/data"',
      'an odd "$1" \\ id': 'instance="/node",mountpoint=~"/data|/"',
      none: 'mountpoint="/gone"',
      half: 'mountpoint="/half"',
    };
    const { disks: read, warnings } = await readFleet(client, defaultMapping, defaultLabels, { disks });
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      [...read].map(([id, { subject, capacityBytes, usedBytes }]) => [id, subject, capacityBytes, usedBytes]),
      [
        ['shop', '/data', 1000, 800],
        ['an odd "$1" \\ id', '/', 100, 90],
      ],
    );
  });

  it('says why it refuses a question', async () => {
    await assert.rejects(client.query('up{'), (error: Error & { reason?: string }) => {
      assert.equal(error.reason, 'query-failed');
      assert.match(error.message, /bad_data/);
      return true;
    });
    assert.deepEqual((await client.query('no_such_metric')).samples, []);
    await assert.rejects(client.query('1'), { reason: 'not-metrics' });
  });
});

const nodeExporter = `
node_filesystem_size_bytes{device="/dev/sdb",fstype="ext4",mountpoint="/data"} 1000
node_filesystem_avail_bytes{device="/dev/sdb",fstype="ext4",mountpoint="/data"} 200
node_filesystem_size_bytes{device="/dev/sda",fstype="ext4",mountpoint="/"} 100
node_filesystem_avail_bytes{device="/dev/sda",fstype="ext4",mountpoint="/"} 10
node_filesystem_size_bytes{device="/dev/sdc",fstype="ext4",mountpoint="/half"} 100
`;

const newerExporter = `
pg_up 1
pg_replication_is_replica 1
pg_replication_lag_seconds 7.5
pg_settings_max_connections 100
pg_settings_superuser_reserved_connections 3
pg_settings_reserved_connections 7
pg_stat_activity_count{datname="a",state="idle",usename="x",application_name="p",wait_event="",backend_type="client backend"} 4
pg_stat_activity_count{datname="b",state="idle",usename="y",application_name="q",wait_event="",backend_type="client backend"} 2
pg_stat_activity_count{datname="b",state="active",usename="y",application_name="q",wait_event="",backend_type="client backend"} 3
`;

const guideNames = `
postgresql_up 1
postgresql_replication_lag_seconds 2
postgresql_replication_lag_bytes 1024
postgresql_database_size_bytes 5e9
postgresql_connections 12
`;

const oddValues = `
pg_up 1
pg_exporter_last_scrape_error 1
pg_replication_lag_seconds -5
pg_database_size_bytes NaN
pg_stat_activity_max_tx_duration{state="active"} +Inf
`;
