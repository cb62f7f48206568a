import assert from 'node:assert/strict';
import { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import { findingsOf } from '../../../src/core/monitor/findings';
import { groupSignal } from '../../../src/core/monitor/group-signal';
import type { ServerSnapshot, ShownSignal } from '../../../src/core/monitor/snapshot';
import { serverKilled, standbyStopped, until } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { FakeClock } from '../support/fake-clock';
import { labOpener, profileOf, quietLog, TestProfiles } from '../support/monitor';
import { settingsOf } from '../support/settings';

for (const major of testedMajors) {
  describe(`checks of a watched PostgreSQL ${major}`, () => {
    let lab: Lab;
    let clock: FakeClock;
    let monitor: ConnectionMonitor;
    before(async () => {
      lab = await startLab({ major, standbys: 1 });
      await lab.primary.run(`
        CREATE TABLE flyway_schema_history (installed_rank int, version text, type text, script text, checksum int, success bool);
        GRANT SELECT ON flyway_schema_history TO monitor`);
    });
    beforeEach(async () => {
      clock = new FakeClock();
      const settings = settingsOf({ intervalMs: 5000 });
      const profiles = new TestProfiles([
        profileOf(lab.primary, 'primary', { user: 'monitor' }),
        profileOf(lab.standbys[0]!, 'standby', { user: 'monitor' }),
        profileOf(lab.primary, 'plain', { user: 'plain' }),
      ]);
      monitor = new ConnectionMonitor(profiles, labOpener, clock, quietLog, settings);
      await Promise.all(['primary', 'standby', 'plain'].map((id) => monitor.connect(id)));
      await polls(2);
    });
    afterEach(() => monitor.close());
    after(() => lab.stop());

    const snapshot = (id = 'primary'): ServerSnapshot => monitor.snapshot(id);
    const check = (id: string, connection = 'primary'): ShownSignal => {
      const found = snapshot(connection).signals.find(({ about }) => about.id === id);
      assert.ok(found, `${id} was not read`);
      return found;
    };
    /** Lets polls of 5 s go by, each with what is due. */
    async function polls(count: number): Promise<void> {
      for (let poll = 0; poll < count; poll++) {
        const before = snapshot().lastSeen;
        await until('the next poll is planned', () => Promise.resolve((clock.pendingDelays()[0] ?? Infinity) <= 5000));
        clock.advance(5000);
        await until('it has come', () => Promise.resolve(snapshot().lastSeen !== before));
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    }

    it('has read all of them after two polls, and is ok without a fault', () => {
      const never = snapshot().signals.filter(({ at }) => at === null);
      assert.deepEqual(
        never.map(({ about }) => about.id),
        [],
      );
      assert.equal(snapshot().signals.length, 30);
      assert.deepEqual(
        [snapshot().status, snapshot().statusReason],
        ['ok', 'All readings are within their thresholds.'],
      );
      assert.equal(snapshot('standby').status, 'ok', snapshot('standby').statusReason);
      assert.equal(snapshot('plain').status, 'limited');
      assert.equal(
        groupSignal(snapshot('plain'), 'queries').evaluation.severity,
        'unknown',
        'no green for what is hidden',
      );
    });

    it('sees a fault within its tier and no sooner, and it clears by itself', async () => {
      await lab.primary.run("INSERT INTO flyway_schema_history VALUES (1, '1', 'SQL', 'V1__init.sql', 0, false)");
      await polls(2);
      assert.equal(snapshot().status, 'ok', 'its tier is a minute');
      await polls(11);
      assert.equal(snapshot().status, 'critical');
      assert.equal(snapshot().statusReason, 'Migrations: migration FAILED: V1__init.sql');
      await lab.primary.run('TRUNCATE flyway_schema_history');
      await polls(13);
      assert.equal(snapshot().status, 'ok');
    });

    it('reads all tiers at once when a person asks', async () => {
      const before = check('settings').at;
      clock.advance(1000);
      await monitor.refresh('primary');
      assert.notEqual(check('settings').at, before);
    });

    it('blanks one check that cannot be read, and no other', async () => {
      const holder = await lab.primary.connect();
      await holder.query('BEGIN; LOCK TABLE flyway_schema_history');
      await monitor.refresh('primary');
      assert.equal(check('flyway-history').problem, 'not read: a table was locked exclusively');
      assert.deepEqual(
        snapshot()
          .signals.filter(({ problem }) => problem !== null)
          .map(({ about }) => about.id),
        ['flyway-history'],
      );
      assert.equal(snapshot().status, 'unknown', 'what was not read is not green');
      await holder.end();
      await monitor.refresh('primary');
      assert.equal(check('flyway-history').problem, null);
    });

    it('shows nothing as current that was read before the server went away', async () => {
      const killing = await serverKilled(lab.primary);
      await until('it is noticed', () => Promise.resolve(snapshot().status === 'unreachable'));
      assert.ok(snapshot().signals.every(({ stale, absent }) => stale || absent !== null));
      const found = findingsOf(snapshot());
      assert.deepEqual(
        found.filter(({ value }) => value !== null).map(({ signal, value, severity }) => [signal, value, severity]),
        [['server.up', 0, 'critical']],
      );
      await killing.heal();
    });

    it('gives history and alerts every number, on a primary and on a standby', async () => {
      const names = (id: string): Set<string> => new Set(findingsOf(snapshot(id)).map(({ signal }) => signal));
      for (const name of [
        'server.up',
        'server.latency',
        'sessions.used',
        'locks.longest-wait',
        'standby.lag-seconds',
        'wraparound.transactions',
        'slots.retained',
        'wal-backlog.bytes',
        'size.database',
      ]) {
        assert.ok(names('primary').has(name), name);
      }
      assert.ok(names('standby').has('receiver.lag-bytes') && !names('standby').has('checkpoints.requested'));
      const fault = await standbyStopped(lab.standbys[0]!);
      await until('it is gone', async () => {
        await polls(1);
        return findingsOf(snapshot()).some(
          ({ signal, value, severity }) => signal === 'standby.connected' && value === 0 && severity === 'critical',
        );
      });
      const lag = findingsOf(snapshot()).find(({ signal }) => signal === 'standby.lag-bytes');
      assert.deepEqual([lag?.value, lag?.severity], [null, 'unknown'], 'a missing standby is not lag 0');
      await fault.heal();
    });
  });
}
