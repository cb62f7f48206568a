import assert from 'node:assert/strict';
import { AlertBook } from '../../../src/core/alerts/alert-book';
import { AlertWatch } from '../../../src/core/alerts/alert-watch';
import type { Incident } from '../../../src/core/alerts/incident';
import { HistoryRecorder } from '../../../src/core/history/history-recorder';
import { MemoryHistory } from '../../../src/core/history/memory-history';
import type { AttachedSignals } from '../../../src/core/monitor/attached-signals';
import type { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import { ConnectionSources } from '../../../src/core/monitor/connection-sources';
import { describeLink } from '../../../src/core/pooler/describe-link';
import { systemClock } from '../../../src/core/ports/clock';
import { Emitter } from '../../../src/core/ports/emitter';
import { PgBouncerOpener } from '../../../src/postgres/pgbouncer-console';
import { FetchReader } from '../../../src/sources/http/fetch-reader';
import { readHealth } from '../../../src/sources/hikari/health-reader';
import { PoolReader } from '../../../src/sources/hikari/pool-reader';
import { lockChain } from '../../lab/faults';
import { hikariObstacle, startHikariApp, type HikariApp } from '../../lab/hikari/hikari-app';
import { labPassword, type Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { bareSystem } from '../connection/opening';
import { pgbouncerProgram, startPgBouncer, type PgBouncer } from '../connection/pgbouncer';
import { eventually, profileOf, quietLog, realMonitor, TestProfiles } from '../support/monitor';
import { standardLimits } from '../support/settings';

const intervalMs = 500;

describe('applications and a pooler before a server', function () {
  const program = pgbouncerProgram();
  let lab: Lab;
  let bouncer: PgBouncer;
  let app: HikariApp;
  let monitor: ConnectionMonitor;
  let sources: ConnectionSources;
  before(async function () {
    const obstacle = hikariObstacle();
    if (program === undefined || obstacle !== undefined) {
      console.log(`      ${obstacle ?? 'PgBouncer is not installed.'} These tests are skipped.`);
      this.skip();
    }
    lab = await sharedLab({ major: 18, standbys: 1 });
    bouncer = await startPgBouncer(program, lab.primary, {
      default_pool_size: '2',
      stats_users: 'monitor',
      ignore_startup_parameters: 'extra_float_digits',
    });
    app = await startHikariApp(bouncer, 'shop-api:4');
    monitor = realMonitor(new TestProfiles([profileOf(lab.primary, 'shop', { user: 'monitor' })]), intervalMs);
    const http = new FetchReader();
    const secrets = { credentials: () => Promise.resolve(undefined) };
    const reader = new PoolReader(http, secrets);
    const changes = new Emitter<string>();
    const target = { host: bouncer.host, port: bouncer.port, user: 'monitor', sslMode: 'disable' as const };
    sources = new ConnectionSources(
      {
        connectionId: 'shop',
        applications: [
          { id: 'shop/api', name: 'api', url: `${app.origin}/actuator`, instances: 3, behindPooler: true },
          { id: 'shop/gone', name: 'gone', url: 'http://127.0.0.1:9/actuator', instances: 1, behindPooler: false },
        ],
        poolers: [{ id: 'pooler', name: 'pgbouncer', environment: 'development', readOnly: true, target }],
      },
      {
        clock: systemClock,
        pools: {
          read: (endpoint, signal) => reader.read(endpoint, signal),
          health: (endpoint, signal) => readHealth(endpoint, http, secrets, signal),
        },
        consoles: new PgBouncerOpener({ password: () => Promise.resolve(labPassword) }, bareSystem),
        intervalMs: () => intervalMs,
        mayPoll: () => true,
        limits: () => standardLimits,
        snapshot: (id) => monitor.snapshot(id),
        session: (id, signal) => monitor.session(id, signal),
        changed: () => changes.fire('shop'),
      },
    );
    const attached: AttachedSignals = {
      outcomes: (_, sessions) => sources.outcomes(sessions),
      numbers: () => sources.numbers(),
      chain: () => sources.chain(),
      onDidChange: changes.event,
    };
    monitor.attach(attached);
    await monitor.connect('shop');
  });
  // Undefined when the tests were skipped.
  after(async () => {
    (sources as ConnectionSources | undefined)?.dispose();
    await (monitor as ConnectionMonitor | undefined)?.close();
    await Promise.all([(app as HikariApp | undefined)?.stop(), (bouncer as PgBouncer | undefined)?.stop()]);
  });

  it('are signals of the server: what can be read, and why the rest cannot', async () => {
    const { snapshot } = await eventually(
      monitor,
      'shop',
      'all are read',
      ({ signals }) =>
        ['hikari', 'hikari-sizing', 'pgbouncer'].every((id) =>
          signals.some(({ about, at }) => about.id === id && at !== null),
        ) &&
        // Each application is read in its own time.
        ['gone not readable', 'api · shop-api 0/4'].every((expected) =>
          signals.some(({ findings }) => findings.some(({ words }) => words === expected)),
        ),
      10_000,
    );
    const words = snapshot.signals
      .filter(({ about }) => /^(hikari|pgbouncer)/.test(about.id))
      .flatMap(({ findings }) => findings.map(({ severity, words }) => `${severity} ${words}`));
    assert.ok(words.includes('unknown gone not readable'), words.join('\n'));
    assert.ok(words.includes('ok api · shop-api 0/4'), words.join('\n'));
    const sizing = snapshot.signals.find(({ about }) => about.id === 'hikari-sizing')?.findings[0];
    // 97 usable on 18; three instances of four go through the pooler, whose pool of two counts.
    assert.match(sizing?.words ?? '', /^pools may take ≥ 2 of 97 slots$/);
    assert.ok(
      sizing?.lines.includes('api shop-api: 4 × 3, through the pooler: not counted.'),
      sizing?.lines.join('\n'),
    );
    assert.equal(sizing?.severity, 'unknown');
  });

  it('show the chain while somebody waits, raise one alert, and both end by themselves', async () => {
    const chain = await lockChain(lab.primary);
    const store = new MemoryHistory('test');
    const recorder = new HistoryRecorder(store, systemClock, quietLog);
    const settings = {
      overrides: [{ policy: { warningForMs: 0, criticalForMs: 0, clearForMs: 500 } }],
      notifyFrom: 'critical' as const,
      maintenance: [],
      contacts: {},
      onDidChange: new Emitter<void>().event,
    };
    const book = new AlertBook(systemClock, settings);
    const watch = new AlertWatch(monitor, book, recorder, systemClock);
    const told: Incident[] = [];
    book.onDidNotify((incidents) => told.push(...incidents));
    try {
      await lab.primary.run('GRANT ALL ON lock_chain TO plain');
      await app.control('shop-api', 'update/8');
      const { snapshot, tookMs } = await eventually(
        monitor,
        'shop',
        'the chain is there',
        (one) => (one.chain ?? []).some(({ reason }) => reason === 'blocked'),
        10_000,
      );
      assert.ok(tookMs < 5 * intervalMs + 1500, `${tookMs}`);
      const [path] = snapshot.chain ?? [];
      assert.deepEqual(
        path?.links.slice(0, 5).map(({ kind }) => kind),
        ['application', 'pooler', 'client', 'server', 'backend'],
      );
      assert.match(describeLink(path.links.at(-1)!).description, /^orders-api · idle in transaction/);
      await eventually(monitor, 'shop', 'the pool is full', (one) => one.status === 'critical', 10_000);
      for (let tries = 0; told.length === 0 && tries < 100; tries++)
        await new Promise((resolve) => setTimeout(resolve, 100));
      const mine = told.filter(({ signal }) => signal === 'hikari.used');
      assert.deepEqual(
        mine.map(({ level }) => level),
        ['L1'],
      );
      // Four wait at first, until they time out after 3 s.
      assert.match(mine[0]?.words ?? '', /^api · shop-api \d\/4 · \d (pending|timeouts)/);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      assert.equal(told.filter(({ signal }) => signal === 'hikari.used').length, 1);
    } finally {
      await chain.heal();
    }
    await eventually(monitor, 'shop', 'nothing waits', (one) => one.chain === undefined, 10_000);
    for (let tries = 0; book.incidents.some(({ signal }) => signal === 'locks.longest-wait') && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.ok(!book.incidents.some(({ signal }) => signal === 'locks.longest-wait'), JSON.stringify(book.incidents));
    recorder.flush();
    const kept = store.series('shop').map(({ signal }) => signal);
    for (const signal of ['server.up', 'sessions.used', 'hikari.pending', 'pgbouncer.waiting'])
      assert.ok(kept.includes(signal), signal);
    const pending = store.read(
      { connectionId: 'shop', signal: 'hikari.pending', subject: 'api shop-api' },
      0,
      Infinity,
      'raw',
    );
    assert.ok(pending.some(({ max }) => max >= 4));
    watch.dispose();
    book.dispose();
  });
});
