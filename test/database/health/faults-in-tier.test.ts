import assert from 'node:assert/strict';
import { OwnLimits, readLimits } from '../../../src/core/health/own-limits';
import { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import { findingsOf } from '../../../src/core/monitor/findings';
import type { Fault } from '../../lab/faults';
import { idleInTransaction, lockChain, longQuery, replayPaused, until, writeWal } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { FakeClock } from '../support/fake-clock';
import { labOpener, profileOf, quietLog, TestProfiles } from '../support/monitor';
import { settingsOf } from '../support/settings';

const mb = 1024 ** 2;

/** A fault, the signal that must see it, and that signal's tier in ms. */
interface Expected {
  readonly what: string;
  readonly signal: string;
  readonly tierMs: number;
  inject(lab: Lab): Promise<Fault>;
  /** How long it is told after it has ended, where that is what it measures. In ms. */
  readonly keptMs?: number;
}

const faults: readonly Expected[] = [
  { what: 'a lock chain', signal: 'locks.longest-wait', tierMs: 5000, inject: ({ primary }) => lockChain(primary) },
  {
    what: 'a session idle in its transaction',
    signal: 'sessions.oldest-idle-in-transaction',
    tierMs: 5000,
    inject: ({ primary }) => idleInTransaction(primary),
  },
  {
    what: 'a long query',
    signal: 'long-queries.oldest',
    tierMs: 5000,
    inject: async ({ primary }) => {
      const fault = await longQuery(primary);
      await until('it is 5 s old', async () => (await ageOf(primary, fault.pid)) > 5);
      return fault;
    },
  },
  {
    what: 'a standby whose replay is paused',
    signal: 'standby.lag-bytes',
    tierMs: 5000,
    inject: async ({ primary, standbys }) => {
      const fault = await replayPaused(standbys[0]!);
      await writeWal(primary, 24 * mb);
      const replayed = async (): Promise<boolean> =>
        (await primary.run('SELECT FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()')).length > 0;
      return {
        heal: async () => {
          await fault.heal();
          await until('it has replayed all', replayed);
        },
      };
    },
  },
  {
    what: 'a slot without a consumer',
    signal: 'slots.retained',
    tierMs: 60_000,
    inject: async ({ primary }) => {
      await primary.run("SELECT pg_create_physical_replication_slot('dead_cdc', true)");
      await writeWal(primary, 24 * mb);
      return {
        heal: async () => {
          await primary.run("SELECT pg_drop_replication_slot('dead_cdc')");
        },
      };
    },
  },
  {
    what: 'an archiver that fails',
    signal: 'archiver.failing',
    tierMs: 60_000,
    inject: async ({ primary }) => {
      await primary.run("ALTER SYSTEM SET archive_command = '/bin/false'");
      await primary.run('SELECT pg_reload_conf()');
      await primary.run('SELECT pg_switch_wal()');
      await until('it has failed', async () => (await failures(primary)) > 0);
      return {
        heal: async () => {
          await primary.run('ALTER SYSTEM RESET archive_command');
          await primary.run('SELECT pg_reload_conf()');
          await primary.run('SELECT pg_switch_wal()');
          const archived = async (): Promise<boolean> =>
            (
              await primary.run(
                'SELECT FROM pg_stat_archiver WHERE last_archived_time > last_failed_time AND last_archived_wal >= last_failed_wal',
              )
            ).length > 0;
          // The archiver tries again a minute after its third failure, or when it is woken.
          await until('it archives', archived, 70_000);
        },
      };
    },
  },
  {
    what: 'a prepared transaction that nobody ends',
    signal: 'prepared-transactions.oldest',
    tierMs: 60_000,
    inject: async ({ primary }) => {
      await primary.run("BEGIN; CREATE TABLE prepared_for (i int); PREPARE TRANSACTION 'forgotten'");
      return {
        heal: async () => {
          await primary.run("ROLLBACK PREPARED 'forgotten'");
        },
      };
    },
  },
  {
    what: 'a failed migration',
    signal: 'flyway-history.failure',
    tierMs: 60_000,
    inject: async ({ primary }) => {
      await primary.run("INSERT INTO flyway_schema_history VALUES (1, '1', 'SQL', 'V1__init.sql', 0, false)");
      return {
        heal: async () => {
          await primary.run('TRUNCATE flyway_schema_history');
        },
      };
    },
  },
  {
    what: 'a deadlock',
    signal: 'deadlocks.recent',
    tierMs: 60_000,
    keptMs: 900_000,
    inject: async ({ primary }) => {
      await primary.run('CREATE TABLE IF NOT EXISTS twice AS SELECT generate_series(1, 2) AS id, 0 AS n');
      const [a, b] = await Promise.all([primary.connect(), primary.connect()]);
      await a.query('BEGIN; UPDATE twice SET n = 1 WHERE id = 1');
      await b.query('BEGIN; UPDATE twice SET n = 1 WHERE id = 2');
      await Promise.allSettled([
        a.query('UPDATE twice SET n = 1 WHERE id = 2'),
        b.query('UPDATE twice SET n = 1 WHERE id = 1'),
      ]);
      await Promise.all([a.end(), b.end()]);
      const counted = async (): Promise<boolean> =>
        (await primary.run('SELECT FROM pg_stat_database WHERE deadlocks > 0')).length > 0;
      // From 15 on the counter is some ten seconds late.
      await until('it is counted', counted, 30_000);
      return { heal: () => Promise.resolve() };
    },
  },
  {
    what: 'an index that a failed CREATE INDEX CONCURRENTLY left',
    signal: 'invalid-indexes.index',
    tierMs: 900_000,
    inject: async ({ primary }) => {
      await primary.run('CREATE TABLE same AS SELECT 1 AS i FROM generate_series(1, 2)');
      await assert.rejects(primary.run('CREATE UNIQUE INDEX CONCURRENTLY same_i ON same (i)'));
      return {
        heal: async () => {
          await primary.run('DROP TABLE same');
        },
      };
    },
  },
  {
    what: 'a sequence near its end',
    signal: 'sequences.used',
    tierMs: 900_000,
    inject: async ({ primary }) => {
      await primary.run("CREATE SEQUENCE short MAXVALUE 100; SELECT setval('short', 95)");
      return {
        heal: async () => {
          await primary.run('DROP SEQUENCE short');
        },
      };
    },
  },
];

async function ageOf(server: Lab['primary'], pid: number): Promise<number> {
  const [row] = await server.run<{ s: number }>(
    'SELECT extract(epoch FROM clock_timestamp() - query_start)::float8 AS s FROM pg_stat_activity WHERE pid = $1',
    [pid],
  );
  return row?.s ?? 0;
}

async function failures(server: Lab['primary']): Promise<number> {
  const [row] = await server.run<{ n: number }>('SELECT failed_count::int AS n FROM pg_stat_archiver');
  return row?.n ?? 0;
}

/** What takes minutes by the product's own limits is told at once by these. */
const soon = readLimits([
  { signal: 'locks.longest-wait', warning: 0.1 },
  { signal: 'sessions.oldest-idle-in-transaction', warning: 0.1 },
  { signal: 'long-queries.oldest', warning: 5 },
  { signal: 'standby.lag-bytes', warning: 16 * mb },
  { signal: 'slots.retained', warning: 16 * mb },
  { signal: 'prepared-transactions.oldest', warning: 0.1 },
]);

for (const major of testedMajors) {
  describe(`every fault at once on PostgreSQL ${major}`, function () {
    this.timeout(180_000);
    let lab: Lab;
    const clock = new FakeClock();
    let monitor: ConnectionMonitor;
    const injected: Fault[] = [];

    before(async () => {
      assert.deepEqual(soon.problems, []);
      lab = await startLab({
        major,
        standbys: 1,
        settings: { archive_mode: 'on', archive_command: '/bin/true', max_prepared_transactions: '4' },
      });
      await lab.primary.run(
        'CREATE TABLE flyway_schema_history (installed_rank int, version text, type text, script text, checksum int, success bool)',
      );
      const own = new OwnLimits(soon.overrides);
      const settings = settingsOf({
        intervalMs: 5000,
        thresholds: (id) => own.thresholds(id),
        limits: (id) => own.of(id),
      });
      monitor = new ConnectionMonitor(
        new TestProfiles([profileOf(lab.primary, 'a')]),
        labOpener,
        clock,
        quietLog,
        settings,
      );
      await monitor.connect('a');
      await polls(3);
    });
    after(async () => {
      await monitor.close();
      for (const fault of injected) await fault.heal().catch(() => undefined);
      await lab.stop();
    });

    /** Polls of 5 s, each read to its end. */
    async function polls(count: number): Promise<void> {
      for (let poll = 0; poll < count; poll++) {
        const before = monitor.snapshot('a').lastSeen;
        await until('the next poll is planned', () => Promise.resolve((clock.pendingDelays()[0] ?? Infinity) <= 5000));
        clock.advance(5000);
        await until('it has come', () => Promise.resolve(monitor.snapshot('a').lastSeen !== before));
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
    /** The signals of the faults that are in trouble now. */
    const seen = (): string[] => {
      const bad = new Set(
        findingsOf(monitor.snapshot('a'), monitor.thresholds('a'))
          .filter(({ severity }) => severity === 'warning' || severity === 'critical')
          .map(({ signal }) => signal),
      );
      return faults.map(({ signal }) => signal).filter((signal) => bad.has(signal));
    };
    const ofTier = (atMost: number): string[] =>
      faults.filter(({ tierMs }) => tierMs <= atMost).map(({ signal }) => signal);

    it('is calm without any', () => assert.deepEqual(seen(), []));

    it('sees each within its tier, by its own signal', async () => {
      for (const fault of faults) injected.push(await fault.inject(lab));
      await polls(1);
      assert.deepEqual(
        ofTier(5000).filter((signal) => !seen().includes(signal)),
        [],
        'with the next poll',
      );
      // A minute, and one poll for the checks that did not fit into the one before.
      await polls(13);
      assert.deepEqual(seen(), ofTier(60_000), 'within a minute, and no sooner than its tier says');
      clock.advance(900_000 - 14 * 5000);
      await polls(3);
      const kept = faults.filter(({ keptMs }) => keptMs !== undefined).map(({ signal }) => signal);
      assert.deepEqual(
        ofTier(900_000).filter((signal) => !seen().includes(signal) && !kept.includes(signal)),
        [],
        'within a quarter of an hour',
      );
    });

    it('is calm again by itself when they have ended', async () => {
      for (const fault of injected) await fault.heal();
      await polls(1);
      assert.deepEqual(
        seen().filter((signal) => ofTier(5000).includes(signal)),
        [],
        'with the next poll',
      );
      await polls(13);
      const slow = faults.filter(({ tierMs, keptMs }) => tierMs > 60_000 || keptMs !== undefined);
      assert.deepEqual(
        seen().filter((signal) => !slow.some((fault) => fault.signal === signal)),
        [],
        'within a minute',
      );
      clock.advance(900_000);
      await polls(3);
      assert.deepEqual(seen(), [], 'within a quarter of an hour');
    });
  });
}
