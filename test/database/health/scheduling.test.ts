import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionProfile } from '../../../src/core/connection/profile';
import { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import type { SessionOpener } from '../../../src/core/ports/connections';
import { Emitter } from '../../../src/core/ports/emitter';
import type { Session } from '../../../src/core/ports/session';
import { until } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { TcpProxy } from '../../lab/tcp-proxy';
import { FakeClock } from '../support/fake-clock';
import { labOpener, profileOf, quietLog, TestProfiles } from '../support/monitor';
import { settingsOf } from '../support/settings';

/** The real opener, and how often it was asked. */
class CountingOpener implements SessionOpener {
  opened = 0;
  open(profile: ConnectionProfile, signal: AbortSignal): Promise<Session> {
    this.opened++;
    return labOpener.open(profile, signal);
  }
}

describe('when the monitor polls', () => {
  let lab: Lab;
  let proxy: TcpProxy;
  let clock: FakeClock;
  let opener: CountingOpener;
  let monitor: ConnectionMonitor;
  let profiles: TestProfiles;
  const changes = new Emitter<void>();
  const settings = { ...settingsOf({ intervalMs: 5000, onDidChange: changes.event }), inBackground: false };
  const ours = async (): Promise<number> => {
    const rows = await lab.primary.run<{ n: number }>(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'db-ops-panel'",
    );
    return rows[0]?.n ?? -1;
  };
  const lastSeen = (): number | null => monitor.snapshot('a').lastSeen;

  before(async () => {
    lab = await sharedLab();
  });
  beforeEach(async () => {
    proxy = await TcpProxy.start(lab.primary);
    clock = new FakeClock();
    opener = new CountingOpener();
    settings.inBackground = false;
    profiles = new TestProfiles([profileOf(lab.primary, 'a', { port: proxy.port }), profileOf(lab.primary, 'b')]);
    monitor = new ConnectionMonitor(profiles, opener, clock, quietLog, settings);
    monitor.setVisible(true);
  });
  afterEach(async () => {
    await monitor.close();
    await proxy.stop();
    await until('nothing is left behind', async () => (await ours()) === 0);
  });

  /** Moves the clock and waits until the poll it set off has been read. */
  const nextPoll = async (ms: number): Promise<void> => {
    const before = lastSeen();
    clock.advance(ms);
    await until('the poll has come', () => Promise.resolve(lastSeen() !== before));
    await monitor.refresh('b').catch(() => undefined);
  };

  it('polls again soon for the age of a lag, then once an interval', async () => {
    await monitor.connect('a');
    assert.equal(lastSeen(), clock.now());
    assert.deepEqual(clock.pendingDelays(), [1000, 11_050]);
    await nextPoll(1000);
    await sleep(50);
    assert.deepEqual(clock.pendingDelays(), [5000, 11_050]);
    await nextPoll(5000);
    assert.equal(opener.opened, 1);
  });

  it('rests while hidden, shows nothing as current then, and reads at once when seen again', async () => {
    await monitor.connect('a');
    const read = lastSeen();
    monitor.setVisible(false);
    clock.advance(600_000);
    await sleep(100);
    assert.equal(lastSeen(), read, 'nothing was read');
    const hidden = monitor.snapshot('a');
    assert.equal(hidden.status, 'stale');
    assert.ok(hidden.sessions.reading.kind === 'value' && hidden.sessions.reading.stale);
    assert.equal(hidden.sessions.evaluation.severity, 'unknown');
    monitor.setVisible(true);
    await until('it is read', () => Promise.resolve(lastSeen() === clock.now()));
    await until('it is current', () => Promise.resolve(monitor.snapshot('a').status !== 'stale'));
  });

  it('polls while hidden when monitoring in the background is on', async () => {
    monitor.setVisible(false);
    await monitor.connect('a');
    settings.inBackground = true;
    changes.fire();
    await sleep(100);
    await nextPoll(5000);
  });

  it('goes stale and then unreachable on a network that swallows everything, without delaying another', async () => {
    await monitor.connect('a');
    await monitor.connect('b');
    proxy.set({ kind: 'blackhole' });
    clock.advance(1000);
    await sleep(50);
    clock.advance(11_000);
    assert.equal(monitor.snapshot('a').status, 'stale');
    await until('b is read', () => Promise.resolve(monitor.snapshot('b').lastSeen === clock.now()));
    assert.notEqual(monitor.snapshot('a').lastSeen, clock.now());
    await until('a is given up', () => Promise.resolve(monitor.snapshot('a').status === 'unreachable'));
    assert.match(monitor.snapshot('a').statusReason, /did not answer/);
    const kept = monitor.snapshot('a').sessions.reading;
    assert.ok(kept.kind === 'failed' && kept.last);
    proxy.set({ kind: 'none' });
    await monitor.refresh('a');
    assert.equal(monitor.snapshot('a').sessions.reading.kind, 'value');
  });

  it('tries later and later while refused, at once on refresh, and is well again by itself', async () => {
    proxy.set({ kind: 'refuse' });
    await monitor.connect('a');
    assert.equal(monitor.snapshot('a').status, 'unreachable');
    const delays = [1000, 5000, 5000, 10_000, 20_000, 40_000, 60_000, 60_000];
    for (const [attempt, ms] of delays.entries()) {
      clock.advance(ms - 1);
      await sleep(20);
      assert.equal(opener.opened, attempt + 1, `not before ${ms} ms`);
      clock.advance(1);
      await until('it is tried', () => Promise.resolve(opener.opened === attempt + 2));
      await until('it has failed', () => Promise.resolve(clock.pendingDelays()[0] === (delays[attempt + 1] ?? 60_000)));
    }
    await monitor.refresh('a');
    assert.equal(opener.opened, 10, 'a person does not wait');
    proxy.set({ kind: 'none' });
    clock.advance(60_000);
    await until('it is back', () => Promise.resolve(monitor.snapshot('a').sessions.reading.kind === 'value'));
  });

  it('makes one poll of a laptop that slept', async () => {
    await monitor.connect('a');
    const pids = await lab.primary.run("SELECT 1 FROM pg_stat_activity WHERE application_name = 'db-ops-panel'");
    assert.equal(pids.length, 1);
    // With it the first round of checks is over.
    await monitor.refresh('a');
    let fired = 0;
    monitor.onDidChange(() => fired++);
    clock.advance(8 * 3_600_000);
    await until('it is read', () => Promise.resolve(lastSeen() === clock.now()));
    await sleep(100);
    assert.equal(opener.opened, 1);
    assert.ok(fired <= 4, `${fired} changes: stale, activity, size and checks`);
  });

  it('does not repeat a wrong password by itself', async () => {
    profiles.replace([{ ...profileOf(lab.primary, 'a', { user: 'nobody' }) }]);
    await monitor.connect('a');
    assert.equal(monitor.snapshot('a').failure, 'password-wrong');
    clock.advance(600_000);
    monitor.setVisible(false);
    monitor.setVisible(true);
    await sleep(100);
    assert.equal(opener.opened, 1);
    await monitor.refresh('a');
    assert.equal(opener.opened, 2);
  });

  it('fires only for what a person sees, not for ages', async () => {
    const aging = await lab.primary.connect();
    await aging.query('BEGIN; SELECT 1');
    await monitor.connect('a');
    await nextPoll(1000);
    await monitor.refresh('a');
    let fired = 0;
    monitor.onDidChange((id) => (fired += id === 'a' ? 1 : 0));
    for (let poll = 0; poll < 5; poll++) {
      await nextPoll(5000);
      await sleep(20);
    }
    assert.equal(fired, 0);
    const other = await lab.primary.connect();
    await nextPoll(5000);
    assert.equal(fired, 1);
    await Promise.all([other.end(), aging.end()]);
  });

  it('closes a session that was asked for and is not wanted any more', async () => {
    proxy.set({ kind: 'latency', ms: 100 });
    const connecting = monitor.connect('a');
    const asked = assert.rejects(monitor.session('a'), { name: 'AbortError' });
    await sleep(150);
    await monitor.disconnect('a');
    await Promise.all([connecting, asked]);
    await until('it is closed', async () => (await ours()) === 0);
    profiles.replace([]);
    assert.equal(monitor.snapshot('a').watched, false);
    await assert.rejects(monitor.session('a'), { reason: 'bad-connection-string' });
  });

  it('lets one who waits give up without ending the attempt of the others', async () => {
    proxy.set({ kind: 'latency', ms: 50 });
    const giveUp = new AbortController();
    const impatient = assert.rejects(monitor.session('a', giveUp.signal), { name: 'AbortError' });
    const patient = monitor.session('a');
    await sleep(60);
    giveUp.abort();
    await impatient;
    assert.equal((await patient).alive, true);
    assert.equal(opener.opened, 1);
    assert.equal(await ours(), 1);
  });

  it('follows an edited target, and closes what was opened for a runbook', async () => {
    await monitor.connect('a');
    const own = await monitor.dedicated('a');
    assert.equal(await ours(), 2);
    profiles.replace([profileOf(lab.primary, 'a', { user: 'monitor' })]);
    await until('the new one is read', () => Promise.resolve(monitor.snapshot('a').sessions.reading.kind === 'value'));
    assert.equal(own.alive, false);
    await until('one is left', async () => (await ours()) === 1);
    const rows = await lab.primary.run<{ u: string }>(
      "SELECT usename::text AS u FROM pg_stat_activity WHERE application_name = 'db-ops-panel'",
    );
    assert.equal(rows[0]?.u, 'monitor');
  });
});
