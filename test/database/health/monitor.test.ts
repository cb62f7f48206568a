import assert from 'node:assert/strict';
import type { ServerSnapshot } from '../../../src/core/monitor/snapshot';
import type { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import type { LockState } from '../../../src/core/health/blocking';
import type { ReplicationState } from '../../../src/core/health/replication';
import {
  exhaustion,
  idleInTransaction,
  lockChain,
  replayPaused,
  serverKilled,
  standbyStopped,
  until,
  writeWal,
} from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import type { LabServer } from '../../lab/server';
import { eventually, profileOf, realMonitor, TestProfiles } from '../support/monitor';

const interval = 500;
/** The promise of the product: a fault is seen within one poll and one second. */
const promised = interval + 1000;

function standby(
  snapshot: ServerSnapshot,
  name: string,
): Extract<ReplicationState, { role: 'primary' }>['standbys'][number] {
  const { reading } = snapshot.replication;
  const found =
    reading.kind === 'value' ? reading.value.standbys.find((candidate) => candidate.name === name) : undefined;
  assert.ok(found, `no standby ${name}`);
  return found;
}

function locks(snapshot: ServerSnapshot): LockState {
  const { reading } = snapshot.locks;
  if (reading.kind !== 'value') throw new Error(`locks are ${reading.kind}`);
  return reading.value;
}

async function sessionsOfOurs(server: LabServer): Promise<number> {
  const rows = await server.run<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'db-ops-panel'",
  );
  return rows[0]!.n;
}

for (const major of testedMajors) {
  describe(`watching PostgreSQL ${major}`, () => {
    let lab: Lab;
    let monitor: ConnectionMonitor;
    const profiles = new TestProfiles([]);
    before(async () => {
      lab = await startLab({ major, standbys: 2 });
      profiles.replace([
        profileOf(lab.primary, 'primary'),
        profileOf(lab.standbys[0]!, 'standby'),
        profileOf(lab.primary, 'plain', { user: 'plain' }),
        profileOf(lab.primary, 'monitor', { user: 'monitor' }),
      ]);
      monitor = realMonitor(profiles, interval);
      await Promise.all(['primary', 'standby', 'plain', 'monitor'].map((id) => monitor.connect(id)));
    });
    after(async () => {
      await monitor.close();
      await lab.stop();
    });

    it('is ok when nothing is wrong, on the primary and on the standby', async () => {
      const seen = await eventually(monitor, 'primary', 'ok', (now) => now.status === 'ok', 2 * promised);
      const primary = seen.snapshot;
      assert.equal(primary.role, 'primary');
      assert.match(primary.version ?? '', new RegExp(`^${major}\\.`));
      await eventually(
        monitor,
        'primary',
        'nothing behind',
        (now) => standby(now, 'standby1').totalBytes === 0 && standby(now, 'standby1').lagSeconds === 0,
        2 * promised,
      );
      const other = await eventually(monitor, 'standby', 'ok', (now) => now.status === 'ok', 2 * promised);
      assert.equal(other.snapshot.role, 'standby');
      await eventually(monitor, 'monitor', 'ok', (now) => now.status === 'ok', 2 * promised);
    });

    it('gives the role without privilege a limited view and no green', async () => {
      const leaky = await idleInTransaction(lab.primary);
      await monitor.refresh();
      const plain = monitor.snapshot('plain');
      assert.equal(plain.status, 'limited');
      assert.equal(plain.limited, true);
      assert.equal(plain.sessions.evaluation.severity, 'unknown');
      assert.equal(plain.replication.evaluation.severity, 'unknown');
      assert.match(plain.sessions.evaluation.summary, /limited view/);
      const reading = plain.sessions.reading;
      assert.ok(reading.kind === 'value' && reading.value.idleInTransaction === null && reading.value.used >= 4);
      const full = monitor.snapshot('monitor').sessions.reading;
      assert.ok(full.kind === 'value' && full.value.idleInTransaction === 1);
      await leaky.heal();
    });

    it('shows bytes and seconds that grow while replay is paused, and 0 after the resume', async () => {
      const fault = await replayPaused(lab.standbys[0]!);
      const others = standby(monitor.snapshot('primary'), 'standby2');
      assert.equal(others.state, 'streaming');
      await writeWal(lab.primary, 64 * 1024 ** 2);
      const first = await eventually(
        monitor,
        'primary',
        '64 MB behind',
        (now) => (standby(now, 'standby1').totalBytes ?? 0) >= 60e6,
        promised,
      );
      const early = standby(first.snapshot, 'standby1').lagSeconds ?? 0;
      const later = await eventually(
        monitor,
        'primary',
        'two more seconds',
        (now) => (standby(now, 'standby1').lagSeconds ?? 0) >= early + 2,
        2000 + promised,
      );
      assert.equal(standby(later.snapshot, 'standby1').pendingBytes, 0, 'sent_lsn says that all is well');
      assert.ok((standby(later.snapshot, 'standby1').applyBytes ?? 0) >= 60e6);
      assert.notEqual(later.snapshot.replication.evaluation.severity, 'ok');
      const own = await eventually(
        monitor,
        'standby',
        'the standby sees it too',
        (now) => /apply/.test(now.replication.evaluation.summary),
        promised,
      );
      assert.match(own.snapshot.replication.evaluation.summary, /paused/);
      await fault.heal();
      await eventually(
        monitor,
        'primary',
        'all replayed',
        (now) => standby(now, 'standby1').totalBytes === 0 && standby(now, 'standby1').lagSeconds === 0,
        10_000,
      );
      await eventually(monitor, 'standby', 'all replayed there', (now) => now.status === 'ok', 10_000);
    });

    it('shows a stopped standby as disconnected, never as 0', async () => {
      const fault = await standbyStopped(lab.standbys[1]!);
      const { snapshot } = await eventually(
        monitor,
        'primary',
        'disconnected',
        (now) => standby(now, 'standby2').state === 'disconnected',
        promised,
      );
      const gone = standby(snapshot, 'standby2');
      assert.deepEqual([gone.totalBytes, gone.lagSeconds], [null, null]);
      assert.equal(snapshot.replication.evaluation.severity, 'critical');
      assert.equal(snapshot.status, 'critical');
      assert.match(snapshot.replication.evaluation.summary, /1 DISCONNECTED/);
      const fresh = realMonitor(profiles, interval);
      await fresh.connect('primary');
      assert.equal(
        standby(fresh.snapshot('primary'), 'standby2').state,
        'disconnected',
        'its slot tells one that never saw it',
      );
      await fresh.close();
      await fault.heal();
      await eventually(
        monitor,
        'primary',
        'back',
        (now) => standby(now, 'standby2').state === 'streaming' && now.status === 'ok',
        15_000,
      );
    });

    it('shows the whole blocking graph, its root first', async () => {
      const chain = await lockChain(lab.primary, { ddl: true, table: 'graph' });
      const { a, b, c, ddl } = chain.pids;
      const { snapshot } = await eventually(
        monitor,
        'primary',
        'three waiters',
        (now) => locks(now).waiting === 3,
        promised,
      );
      const state = locks(snapshot);
      assert.deepEqual(state.roots, [a]);
      assert.deepEqual(state.sessions.get(b)?.blockedBy, [a]);
      assert.deepEqual(state.sessions.get(c)?.blockedBy, [b]);
      assert.deepEqual([...(state.sessions.get(ddl!)?.blockedBy ?? [])].sort(), [a, b, c].sort());
      assert.equal(state.sessions.get(a)?.holdsUp, 3);
      assert.equal(state.sessions.get(a)?.state, 'idle in transaction');
      assert.match(snapshot.locks.evaluation.summary, new RegExp(`^3 blocked · .*root ${a} idle in tx`));
      await chain.heal();
      await eventually(
        monitor,
        'primary',
        'nobody waits',
        (now) => locks(now).waiting === 0 && now.locks.evaluation.severity === 'ok',
        promised,
      );
    });

    it('turns unreachable when the server dies, comes back by itself, and leaves one connection', async () => {
      let unhandled = 0;
      const count = (): void => {
        unhandled++;
      };
      process.on('unhandledRejection', count);
      const before = monitor.snapshot('primary').sessions.reading;
      const killing = serverKilled(lab.primary);
      const { snapshot } = await eventually(
        monitor,
        'primary',
        'unreachable',
        (now) => now.status === 'unreachable',
        promised,
      );
      const { reading, evaluation } = snapshot.sessions;
      assert.ok(
        reading.kind === 'failed' && reading.last && before.kind === 'value' && reading.last.at >= before.at,
        'the last value is kept with its time',
      );
      assert.equal(evaluation.severity, 'unknown');
      const fault = await killing;
      await fault.heal();
      await eventually(
        monitor,
        'primary',
        'back',
        (now) => now.status !== 'unreachable' && now.sessions.reading.kind === 'value',
        20_000,
      );
      await monitor.refresh();
      await until('each profile has its one connection', async () => (await sessionsOfOurs(lab.primary)) === 3);
      process.off('unhandledRejection', count);
      assert.equal(unhandled, 0);
    });

    it('keeps no connection under a storm of connects, disconnects and edits', async () => {
      for (let round = 0; round < 5; round++) {
        void monitor.connect('primary');
        void monitor.disconnect('primary');
        void monitor.connect('primary');
        void monitor.reconnect('primary');
      }
      await monitor.disconnect('primary');
      await monitor.disconnect('plain');
      await monitor.disconnect('monitor');
      await until('all are closed', async () => (await sessionsOfOurs(lab.primary)) === 0);
      assert.equal(monitor.snapshot('primary').statusReason, 'Disconnected on request.');
      assert.equal(monitor.snapshot('primary').sessions.reading.kind, 'pending');
      await monitor.connect('primary');
      profiles.replace(profiles.list().filter((profile) => profile.id !== 'primary'));
      await until('the removed one is closed', async () => (await sessionsOfOurs(lab.primary)) === 0);
    });
  });
}

describe('watching at the edges', () => {
  it('reads on at exhaustion over the connection it had', async () => {
    const lab = await startLab({ settings: { max_connections: '12' } });
    const profiles = new TestProfiles([
      profileOf(lab.primary, 'warm', { user: 'monitor' }),
      profileOf(lab.primary, 'late', { user: 'monitor' }),
    ]);
    const monitor = realMonitor(profiles, interval);
    try {
      await monitor.connect('warm');
      const crowd = await exhaustion(lab.primary);
      const { snapshot } = await eventually(monitor, 'warm', 'critical', (now) => now.status === 'critical', promised);
      // A superuser may be on one of the slots reserved for him.
      assert.match(snapshot.sessions.evaluation.summary, /^(9|10)\/9 sessions/);
      await monitor.connect('late');
      const late = monitor.snapshot('late');
      assert.equal(late.status, 'unreachable');
      assert.match(late.statusReason, /no connection left for "monitor"/);
      await crowd.heal();
      await eventually(monitor, 'late', 'it gets in by itself', (now) => now.sessions.reading.kind === 'value', 10_000);
    } finally {
      await monitor.close();
      await lab.stop();
    }
  });

  it('counts ten thousand tables and hostile names, and skips locked ones', async () => {
    const lab = await sharedLab({ settings: { max_locks_per_transaction: '12000', autovacuum: 'off' } });
    await lab.primary.run('CREATE DATABASE many');
    for (let part = 0; part < 4; part++) {
      await lab.primary.run(
        `DO $$ BEGIN FOR i IN 1..2500 LOOP EXECUTE format('CREATE TABLE t_%s_%s (i int)', ${part}, i); END LOOP; END $$`,
        [],
        'many',
      );
    }
    const hostile = '"; DROP TABLE x; --" 🐘';
    const quoted = `"${hostile.replaceAll('"', '""')}"`;
    await lab.primary.run(`CREATE SCHEMA "Mixed Case"`, [], 'many');
    await lab.primary.run(
      `CREATE TABLE "Mixed Case".${quoted} AS SELECT repeat('x', 500) FROM generate_series(1, 20000)`,
      [],
      'many',
    );
    await lab.primary.run(`VACUUM "Mixed Case".${quoted}`, [], 'many');
    await lab.primary.run('CREATE TABLE held AS SELECT i FROM generate_series(1, 10000) AS i', [], 'many');
    await lab.primary.run('ANALYZE held', [], 'many');
    const holder = await lab.primary.connect({ database: 'many' });
    await holder.query('BEGIN; LOCK TABLE held');
    const profiles = new TestProfiles([profileOf(lab.primary, 'many', { database: 'many' })]);
    const monitor = realMonitor(profiles, interval);
    await monitor.connect('many');
    const { reading } = monitor.snapshot('many').size;
    assert.ok(reading.kind === 'value', JSON.stringify(reading));
    assert.equal(reading.value.tables[0]!.name, hostile);
    assert.equal(reading.value.tables[0]!.schema, 'Mixed Case');
    assert.equal(reading.value.skippedLocked, 1);
    assert.ok(!reading.value.tables.some((table) => table.name === 'held'));
    const truth = await lab.primary.run<{ s: string }>(
      'SELECT pg_total_relation_size($1::regclass)::text AS s',
      [`"Mixed Case".${quoted}`],
      'many',
    );
    assert.equal(String(reading.value.tables[0]!.totalBytes), truth[0]!.s);
    await monitor.close();
    await holder.end();
  });
});
