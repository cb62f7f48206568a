import assert from 'node:assert/strict';
import pg from 'pg';
import { replayPaused, until, writeWal } from '../../lab/faults';
import { labPassword, startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

for (const major of testedMajors) {
  describe(`the scaling runbook on PostgreSQL ${major}`, function () {
    this.timeout(90_000);
    let lab: Lab;
    let bench: RunbookBench;
    before(async () => {
      lab = await startLab({ major, standbys: 1, settings: { max_connections: '20', max_wal_senders: '5' } });
      bench = new RunbookBench([
        profileOf(lab.primary, 'shop'),
        profileOf(lab.standbys[0]!, 'replica'),
        profileOf(lab.primary, 'plain', { user: 'plain' }),
      ]);
      await bench.monitor.connect('shop');
      await bench.monitor.refresh('shop');
    });
    after(async () => {
      await bench.close();
      await lab.stop();
    });

    /** A session that speaks the protocol of replication, as pg_basebackup does. */
    const replicationClient = async (): Promise<pg.Client> => {
      const { host, port } = lab.primary;
      const client = new pg.Client({
        host,
        port,
        user: 'postgres',
        password: labPassword,
        application_name: 'pg_basebackup',
        // The types of pg do not know it.
        ...{ replication: 'true' },
      });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    };

    it('asks for nothing where nothing is full, and says what it does not measure', async () => {
      const book = await bench.open('scaling');
      const memory = { memory: { value: String(16 * 1024 ** 3), label: '16 GB' } };
      const verdict = await bench.diagnose(book, 'shop', memory);
      assert.match(verdict.markdown, /^\*\*Nothing that SQL can tell asks for a larger server/);
      assert.match(verdict.markdown, /CPU.*are NOT measured here/);
      const measured = await bench.run(book, 'measured', 'shop');
      assert.match(measured.markdown, /\| Lag of standby1 \| (it has everything|\d+ ms at most) \| 100 ms \| good \|/);
      assert.match(measured.markdown, /\| Highest in the history \| not kept yet \| 80 % \| not known \|/);
      const advice = await bench.run(book, 'memory', 'shop', memory);
      assert.match(advice.markdown, /shared\\?_buffers = 32 MB/);
      assert.match(advice.markdown, /ALTER SYSTEM SET shared\\?_buffers = '4096MB'; then RESTART/);
      const { markdown } = await bench.run(book, 'connections', 'shop');
      assert.match(markdown, /\| `max_connections` \| 20 \| 20 \|/);
      assert.match(
        markdown,
        new RegExp(`postgresql://127.0.0.1:${lab.primary.port},127.0.0.1:${lab.standbys[0]!.port}/postgres`),
      );
      // 17 usable slots: 4 × 3 = 12 < 13.6.
      assert.match(markdown, /maximum-pool-size=3\n/);
      assert.match((await bench.run(book, 'verify', 'shop')).markdown, /Good again/);
    });

    it('calls many idle sessions what they are, and does not take replay for load', async () => {
      const crowd = await Promise.all(Array.from({ length: 13 }, () => lab.primary.connect({ user: 'plain' })));
      const paused = await replayPaused(lab.standbys[0]!);
      try {
        await writeWal(lab.primary, 1024 ** 2);
        const book = await bench.open('scaling');
        const verdict = await bench.diagnose(book, 'shop');
        assert.match(verdict.markdown, /^\*\*1\d of 17 usable slots are taken \(\d+\.\d %\), 1\d of them idle/);
        assert.equal(verdict.next, 'connections');
        assert.match(verdict.markdown, /- standby1 had not replayed after a second what the primary had/);
        const verify = await bench.run(book, 'verify', 'shop');
        assert.ok(verify.failed);
        assert.match(verify.markdown, /Standbys slower than 100 ms \| 1 of 1 \| 1 of 1 \| \*\*not yet/);
      } finally {
        await paused.heal();
        await Promise.all(crowd.map((client) => client.end()));
      }
    });

    it('makes a slot, sees its base backup for what it is, and drops the slot', async () => {
      const book = await bench.open('scaling');
      bench.prompts.script('Replica B');
      assert.match(
        (await bench.run(book, 'slot', 'shop')).markdown,
        /Nothing was done/,
        'the server would not take it',
      );
      bench.prompts.script('replica_b', true);
      assert.match((await bench.run(book, 'slot', 'plain')).markdown, /^\*\*Refused\.\*\* .*REPLICATION/);
      bench.prompts.script('replica_b', true);
      assert.match((await bench.run(book, 'slot', 'shop')).markdown, /^\*\*Done\.\*\* The slot replica_b is made/);
      bench.prompts.script('replica_b', true);
      assert.match((await bench.run(book, 'slot', 'shop')).markdown, /There is a slot replica_b already/);

      // Before 14 a standby looks once a second whether it is still paused.
      let made = { markdown: '' };
      await until('the standby is fit again', async () => {
        made = await bench.run(book, 'progress', 'shop');
        return /`standby1` .*\| yes: (?:it has|\d)/.test(made.markdown);
      });
      assert.match(made.markdown, /\| `replica_b` \| yes \| not seen \| \*\*no\*\* \| not yet \|/);
      assert.match(made.markdown, /\| `standby1` \| yes \| yes: a standby runs on it \| yes \| yes: /);
      assert.match(made.markdown, /-S replica_b -X stream -R/);

      const backup = await replicationClient();
      try {
        // 32 kB a second: it does not end in this test.
        const options = major >= 15 ? "(PROGRESS, CHECKPOINT 'fast', MAX_RATE 32)" : 'PROGRESS FAST MAX_RATE 32';
        backup.query(`BASE_BACKUP ${options}`).catch(() => undefined);
        let seen = '';
        await until('the base backup is seen', async () => {
          seen = (await bench.run(book, 'progress', 'shop')).markdown;
          return /streaming database files/.test(seen);
        });
        assert.match(seen, /\| `replica_b` \| yes \| one runs, see below \| \*\*no\*\* \|/);
      } finally {
        await lab.primary.run("SELECT pg_terminate_backend(pid) FROM pg_stat_replication WHERE state = 'backup'");
        await backup.end().catch(() => undefined);
      }

      // The WAL that goes with a base backup: it streams and flushes, and nothing is replayed.
      const wal = await replicationClient();
      const [at] = await lab.primary.run<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
      try {
        wal.query(`START_REPLICATION SLOT replica_b PHYSICAL ${at!.lsn}`).catch(() => undefined);
        let seen = '';
        await until('it streams', async () => {
          seen = (await bench.run(book, 'progress', 'shop')).markdown;
          return !/`replica_b` \| yes \| not seen/.test(seen);
        });
        assert.match(
          seen,
          /`replica_b` \| yes \| \*\*WAL of a base backup.* \| \*\*not yet: nothing is replayed\*\* \| not yet/,
        );
        assert.match((await bench.run(book, 'drop', 'shop')).markdown, /Every slot has its consumer/);
      } finally {
        await lab.primary.run(
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = 'replica_b'",
        );
        await wal.end().catch(() => undefined);
      }
      await until('the slot is free', async () => {
        const [row] = await lab.primary.run<{ free: boolean }>(
          "SELECT NOT active AS free FROM pg_replication_slots WHERE slot_name = 'replica_b'",
        );
        return row?.free === true;
      });
      bench.prompts.script('replica_b', true);
      assert.match((await bench.run(book, 'drop', 'shop')).markdown, /^\*\*Done\.\*\* The slot replica_b is dropped/);
    });
  });
}
