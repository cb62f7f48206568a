import assert from 'node:assert/strict';
import type { ServerSnapshot } from '../../../src/core/monitor/snapshot';
import type { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { profileOf, realMonitor, TestProfiles } from '../support/monitor';

/** What a reading may wait for a lock at most, in ms: a queue behind a reading of ours would be an outage by ours. */
const limit = 500;

/** What a wait may be longer than the limit by the server's timer and by ours, in ms. */
const tolerance = 250;

for (const major of testedMajors) {
  describe(`ACCESS EXCLUSIVE on PostgreSQL ${major}`, () => {
    let lab: Lab;
    let monitor: ConnectionMonitor;
    before(async () => {
      lab = await sharedLab({ major, standbys: 1 });
      await lab.primary.run('CREATE TABLE locked_away AS SELECT generate_series(1, 5000) AS i; ANALYZE locked_away');
      await lab.primary.run('CREATE INDEX ON locked_away (i)');
    });
    beforeEach(() => {
      monitor = realMonitor(new TestProfiles([profileOf(lab.primary, 'watched', { user: 'monitor' })]));
    });
    afterEach(() => monitor.close());
    after(() => lab.primary.run('DROP TABLE locked_away'));

    const snapshot = (): ServerSnapshot => monitor.snapshot('watched');

    /** The longest time for which a session of ours was seen to wait for a lock while `action` ran, in ms. */
    async function longestWait(action: () => Promise<void>): Promise<{ longest: number; waits: number }> {
      const observer = await lab.primary.connect();
      const look = async (): Promise<string[]> => {
        const { rows } = await observer.query<{ waiter: string }>({
          name: 'look',
          text: `SELECT l.pid || ' ' || coalesce(l.relation::text, l.locktype) || ' ' || coalesce(l.virtualtransaction, '') AS waiter
                   FROM pg_locks AS l JOIN pg_stat_get_activity(NULL) AS a ON a.pid = l.pid
                  WHERE NOT l.granted AND a.application_name LIKE 'db-ops-panel%'`,
        });
        return rows.map(({ waiter }) => waiter);
      };
      // What the observer needs of the catalog is in its caches before anything is locked.
      await look();
      const since = new Map<string, number>();
      let longest = 0;
      let over = false;
      const watching = (async () => {
        while (!over) {
          const seen = await look();
          const now = performance.now();
          for (const waiter of seen) {
            if (!since.has(waiter)) since.set(waiter, now);
            longest = Math.max(longest, now - (since.get(waiter) ?? now));
          }
          await new Promise((resolve) => setTimeout(resolve, 15));
        }
      })();
      await action().finally(() => (over = true));
      await watching;
      await observer.end();
      return { longest, waits: since.size };
    }

    async function whileLocked(
      table: string,
      action: () => Promise<void>,
    ): Promise<{ longest: number; waits: number }> {
      const holder = await lab.primary.connect();
      await holder.query('SELECT 1');
      try {
        return await longestWait(async () => {
          await holder.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
          await action();
          await holder.query('ROLLBACK');
        });
      } finally {
        await holder.end();
      }
    }

    it('on a table of a user makes nothing of ours wait, and what was left out says so', async () => {
      await monitor.connect('watched');
      const { longest } = await whileLocked('locked_away', async () => {
        await monitor.refresh('watched');
        const { reading } = snapshot().size;
        assert.ok(reading.kind === 'value', JSON.stringify(reading));
        assert.equal(reading.value.skippedLocked, 1);
        assert.deepEqual(
          snapshot()
            .signals.filter(({ problem }) => problem !== null)
            .map(({ about, problem }) => [about.id, problem]),
          [],
        );
      });
      assert.ok(longest <= limit + tolerance, `${Math.round(longest)} ms`);
    });

    for (const catalog of ['pg_class', 'pg_index', 'pg_database']) {
      it(`on ${catalog} makes nothing of ours wait for longer than its limit, and what is not read says so`, async () => {
        await monitor.connect('watched');
        const { longest, waits } = await whileLocked(`pg_catalog.${catalog}`, async () => {
          await monitor.refresh('watched');
          const unread = snapshot().signals.filter(({ problem }) => problem !== null);
          for (const { problem } of unread) assert.match(problem ?? '', /^not read: /);
          assert.notEqual(snapshot().status, 'ok', 'what could not be read is not green');
        });
        assert.ok(waits > 0, 'the fault must be felt');
        assert.ok(longest <= limit + tolerance, `${Math.round(longest)} ms`);
        await monitor.refresh('watched');
        assert.equal(snapshot().status, 'ok', snapshot().statusReason);
      });
    }
  });
}
