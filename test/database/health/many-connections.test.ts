import assert from 'node:assert/strict';
import net from 'node:net';
import { observedOutcomes } from '../../../src/core/monitor/observed-outcomes';
import { AlertBook } from '../../../src/core/alerts/alert-book';
import { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import type { ConnectionProfile } from '../../../src/core/connection/profile';
import type { Session } from '../../../src/core/ports/session';
import { Emitter } from '../../../src/core/ports/emitter';
import { heapInUse } from '../../lab/collect-garbage';
import { until } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { FakeClock } from '../support/fake-clock';
import { labOpener, profileOf, quietLog, TestProfiles } from '../support/monitor';
import { settingsOf } from '../support/settings';

/** Two hundred at night; by day fewer, since their first checks alone take a minute. */
const many = process.env['DBOPS_NIGHTLY'] === undefined ? 50 : 200;
const databases = 10;
const intervalMs = 5000;
const hourMs = 3_600_000;

/** Counts the sessions opened and the readings of sessions (one of each poll) by connection. */
class CountingOpener {
  readonly opened = new Map<string, number>();
  readonly polled = new Map<string, number>();

  async open(profile: ConnectionProfile, signal: AbortSignal): Promise<Session> {
    this.opened.set(profile.id, (this.opened.get(profile.id) ?? 0) + 1);
    const session = await labOpener.open(profile, signal);
    const read: Session['read'] = (statement, ...others) => {
      if (statement.name === 'sessions') this.polled.set(profile.id, (this.polled.get(profile.id) ?? 0) + 1);
      return session.read(statement, ...others);
    };
    return new Proxy(session, {
      get: (target, key) => {
        if (key === 'read') return read;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }
}

describe('many connections at once', function () {
  this.timeout(120_000);
  let lab: Lab;
  let clock: FakeClock;
  let opener: CountingOpener;
  let monitor: ConnectionMonitor;

  before(async () => {
    lab = await startLab({ settings: { max_connections: String(many + 30) } });
    for (let i = 0; i < databases; i++) await lab.primary.run(`CREATE DATABASE crowd_${i}`);
  });
  after(() => lab.stop());
  afterEach(() => monitor.close());

  const start = (profiles: readonly ConnectionProfile[]): void => {
    clock = new FakeClock();
    opener = new CountingOpener();
    monitor = new ConnectionMonitor(new TestProfiles(profiles), opener, clock, quietLog, settingsOf({ intervalMs }));
  };
  const crowd = Array.from({ length: many }, (_, i) => `crowd ${i}`);
  const profilesOf = (ids: readonly string[]): ConnectionProfile[] =>
    ids.map((id, i) => profileOf(lab.primary, id, { database: `crowd_${i % databases}`, user: 'monitor' }));
  const ours = async (): Promise<number> => {
    const [row] = await lab.primary.run<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'db-ops-panel'",
    );
    return row?.n ?? -1;
  };
  const current = (id: string): boolean => monitor.snapshot(id).lastSeen === clock.now();

  it('are each read once in a round, over one session each, and a server that never answers delays none', async () => {
    const sockets = new Set<net.Socket>();
    const silent = net.createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as net.AddressInfo;
    try {
      start([profileOf(lab.primary, 'silent', { port }), ...profilesOf(crowd)]);
      void monitor.connect('silent');
      // A few at a time: it is the rounds that are tested, and a busy machine would let logins time out.
      for (let first = 0; first < many; first += 20)
        await Promise.all(crowd.slice(first, first + 20).map((id) => monitor.connect(id)));
      assert.equal(await ours(), many);
      // The second reading comes soon after the first; then rounds are an interval apart.
      clock.advance(1000);
      await until('all are read again', () => Promise.resolve(crowd.every(current)), 60_000);
      const areRead = (): boolean => {
        // Checks take turns by the clock.
        clock.advance(10);
        return crowd.every(isRead);
      };
      await until('their checks are over', () => Promise.resolve(areRead()), 60_000);
      const before = new Map(opener.polled);
      clock.advance(intervalMs);
      const began = performance.now();
      await until('the round is over', () => Promise.resolve(crowd.every(current)), 60_000);
      console.log(`      a round of ${many}: ${Math.round(performance.now() - began)} ms`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const readInRound = crowd.map((id) => (opener.polled.get(id) ?? 0) - (before.get(id) ?? 0));
      assert.deepEqual([...new Set(readInRound)], [1], 'once each, none twice');
      assert.deepEqual([...new Set(crowd.map((id) => opener.opened.get(id)))], [1], 'one session each');
      assert.equal(await ours(), many);
      assert.notEqual(monitor.snapshot('silent').sessions.reading.kind, 'value');
      assert.notEqual(monitor.snapshot('silent').status, 'ok');
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
      await monitor.close();
    }
    await until('no session is left', async () => (await ours()) === 0);
  });
  const isRead = (id: string): boolean =>
    monitor.snapshot(id).signals.length > 0 &&
    monitor.snapshot(id).signals.every(({ at, problem, absent }) => at !== null || problem !== null || absent !== null);

  for (const [how, jump] of [
    ['forward, as after a sleep', () => clock.advance(8 * hourMs)],
    ['forward, as a clock is set', () => clock.set(8 * hourMs)],
    ['back, as a clock is set', () => clock.set(-8 * hourMs)],
  ] as const) {
    it(`are polled once each when the clock jumps ${how}, and no alert is raised by it`, async () => {
      const ids = crowd.slice(0, 20);
      start(profilesOf(ids));
      const settings = { overrides: [], notifyFrom: 'warning' as const, maintenance: [], contacts: {} };
      const book = new AlertBook(clock, { ...settings, onDidChange: new Emitter<void>().event });
      const look = (): void => {
        for (const id of ids) book.observe(id, observedOutcomes(monitor.snapshot(id), clock.now()));
      };
      await Promise.all(ids.map((id) => monitor.connect(id)));
      await monitor.refresh();
      look();
      const before = new Map(opener.polled);
      jump();
      look();
      if (!ids.some((id) => opener.polled.get(id) !== before.get(id))) clock.advance(intervalMs);
      await until('all are read', () => Promise.resolve(ids.every(current)), 30_000);
      look();
      await new Promise((resolve) => setTimeout(resolve, 300));
      const polls = ids.map((id) => (opener.polled.get(id) ?? 0) - (before.get(id) ?? 0));
      assert.deepEqual([...new Set(polls)], [1], 'no storm');
      assert.deepEqual([...new Set(ids.map((id) => opener.opened.get(id)))], [1]);
      look();
      assert.deepEqual(
        ids.filter((id) => monitor.snapshot(id).status === 'stale'),
        [],
        'nothing is stale by the jump',
      );
      assert.deepEqual(
        book.incidents.map(({ words }) => words),
        [],
      );
      book.dispose();
    });
  }

  it('leak neither sessions nor memory in eight hours of polls', async function () {
    // At night in full; by day a small part of it shows that it runs.
    const hours = process.env['DBOPS_NIGHTLY'] === undefined ? 0.1 : 8;
    this.timeout(1_800_000);
    const ids = crowd.slice(0, 2);
    start(profilesOf(ids));
    await Promise.all(ids.map((id) => monitor.connect(id)));
    const heaps: number[] = [];
    const polls = (hours * hourMs) / intervalMs;
    for (let poll = 0; poll < polls; poll++) {
      const before = ids.map((id) => monitor.snapshot(id).lastSeen);
      clock.advance(intervalMs);
      const isPolled = (): boolean => {
        const polled = ids.every((id, i) => monitor.snapshot(id).lastSeen !== before[i]);
        // The timer of the next poll is set a moment after a reading is seen.
        if (!polled) clock.advance(100);
        return polled;
      };
      await until('it is read', () => Promise.resolve(isPolled()), 30_000);
      if (poll % Math.floor(polls / 8) !== 0) continue;
      heaps.push(heapInUse());
    }
    assert.equal(await ours(), ids.length);
    assert.deepEqual([...new Set(ids.map((id) => opener.opened.get(id)))], [1]);
    const growth = ((heaps.at(-1) ?? 0) - (heaps[1] ?? 0)) / 1024 ** 2;
    console.log(`      heap over ${hours} h: ${heaps.map((heap) => (heap / 1024 ** 2).toFixed(1)).join(' ')} MiB`);
    assert.ok(growth < 8, `${growth.toFixed(1)} MiB more in ${hours} h`);
  });
});
