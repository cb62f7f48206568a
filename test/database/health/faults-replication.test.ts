import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { until, writeWal } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { CheckBench } from '../support/checks';

for (const major of testedMajors) {
  describe(`slots, archive and recovery conflicts of PostgreSQL ${major}`, () => {
    let lab: Lab;
    let bench: CheckBench;
    before(async () => {
      lab = await startLab({
        major,
        standbys: 1,
        settings: {
          archive_mode: 'on',
          archive_command: '/bin/true',
          max_wal_size: '48MB',
          min_wal_size: '32MB',
          ...(major >= 13 ? { max_slot_wal_keep_size: '96MB' } : {}),
          max_standby_streaming_delay: '100ms',
          hot_standby_feedback: 'off',
        },
      });
    });
    after(() => lab.stop());
    afterEach(() => bench.close());

    it('follows a slot without a consumer from reserved to lost', async function () {
      bench = await CheckBench.open(
        lab.primary,
        { user: 'plain' },
        { 'slots.inactive': { warning: 1, critical: 1e9 } },
      );
      // 12 has no limit for slots, and so no status.
      if (major < 13) this.skip();
      await lab.primary.run("SELECT pg_create_physical_replication_slot('never_used')");
      await lab.primary.run("SELECT pg_create_physical_replication_slot('dead', true)");
      const seen = new Map<string, string>();
      const read = async (): Promise<string> => {
        const found = (await bench.findings('slots')).filter(({ subject }) => subject === 'dead');
        for (const { signal, severity, words } of found) seen.set(`${signal} ${severity}`, words);
        return found.find(({ signal }) => signal === 'slots.status')?.words ?? '';
      };
      assert.equal(await read(), '', 'what is reserved is silent');
      for (let round = 0; round < 30 && !/LOST/.test(await read()); round++) {
        await writeWal(lab.primary, 12 * 1024 ** 2);
        await read();
        await lab.primary.run('CHECKPOINT');
      }
      assert.match(
        seen.get('slots.status warning') ?? '',
        /slot dead keeps more than max_wal_size, \d+(\.\d)? MB before it is lost/,
      );
      assert.match(seen.get('slots.status critical') ?? '', /^slot dead is LOST/);
      assert.ok(seen.has('slots.inactive warning') || seen.has('slots.inactive ok'), [...seen].join());
      const rest = await bench.findings('slots');
      const unused = rest.find(({ subject }) => subject === 'never_used');
      assert.deepEqual([unused?.severity, unused?.words], ['ok', 'slot never_used has never been used']);
      assert.ok(rest.some(({ subject, severity }) => subject === 'standby1' && severity === 'ok'));
      await lab.primary.run("SELECT pg_drop_replication_slot('dead'), pg_drop_replication_slot('never_used')");
      assert.ok((await bench.findings('slots')).every(({ severity }) => severity === 'ok'));
    });

    it('counts for how long a slot is inactive', async () => {
      bench = await CheckBench.open(lab.primary, {}, { 'slots.inactive': { warning: 1800, critical: 1e9 } });
      await lab.primary.run("SELECT pg_create_logical_replication_slot('dead_cdc', 'test_decoding')");
      const inactive = async (): Promise<[number | null | undefined, string | undefined]> => {
        const found = (await bench.findings('slots')).find(
          ({ signal, subject }) => signal === 'slots.inactive' && subject === 'dead_cdc',
        );
        return [found?.value, found?.severity];
      };
      const [first] = await inactive();
      assert.ok((first ?? 99) < 5, `${first}`);
      if (major < 17) {
        // The server does not tell: the samples do, over the time of this client.
        bench.skew = 1_900_000;
        const [value, severity] = await inactive();
        assert.ok((value ?? 0) >= 1900 && (value ?? 0) < 1910, `${value}`);
        assert.equal(severity, 'warning');
      } else {
        await until('it grows', async () => ((await inactive())[0] ?? 0) > 1, 5000);
      }
      await lab.primary.run("SELECT pg_drop_replication_slot('dead_cdc')");
    });

    it('sees archiving fail, what piles up, and that it works again', async () => {
      bench = await CheckBench.open(lab.primary, {}, { 'wal-backlog.ready': { warning: 2, critical: 100 } });
      await switchWal(lab);
      await until(
        'a segment is archived',
        async () => (await bench.findings('archiver'))[0]?.words.startsWith('WAL archived') === true,
      );
      assert.equal((await bench.findings('archiver'))[0]?.severity, 'ok');
      await lab.primary.run("ALTER SYSTEM SET archive_command = '/bin/false'");
      await lab.primary.reload();
      for (let segment = 0; segment < 4; segment++) await switchWal(lab);
      await until('it is seen', async () => (await bench.findings('archiver'))[0]?.severity === 'warning', 20_000);
      const [failing] = await bench.findings('archiver');
      assert.match(failing?.words ?? '', /^archiving FAILS: [0-9A-F]{24}, last success /);
      const [ready] = await bench.findings('wal-backlog');
      assert.equal(ready?.severity, 'warning');
      assert.ok((ready.value ?? 0) >= 3, `${ready.value} wait`);
      bench.skew = 400_000;
      const [later] = await bench.findings('archiver');
      assert.ok((later?.value ?? 999) < 300, 'the server says when it worked last, whatever the clock here says');
      await lab.primary.run("ALTER SYSTEM SET archive_command = '/bin/true'");
      await lab.primary.reload();
      await switchWal(lab);
      await until('it has cleared', async () => (await bench.findings('archiver'))[0]?.severity === 'ok', 70_000);
      await until('nothing waits', async () => (await bench.findings('wal-backlog'))[0]?.value === 0);
    });

    it('tells how much would be lost now, and nothing when all is archived', async () => {
      bench = await CheckBench.open(lab.primary, {}, { 'archive-age.exposed': { warning: 1, critical: 1000 } });
      await writeWal(lab.primary, 1e6);
      await until(
        'it is exposed',
        async () => (await bench.findings('archive-age'))[0]?.severity === 'warning',
        10_000,
      );
      const [exposed] = await bench.findings('archive-age');
      assert.match(exposed?.words ?? '', /^WAL archived .* ago \(RPO 16 min\)$/);
      assert.match(exposed?.change ?? '', /archive_timeout = 900/);
      // With so small a max_wal_size each switch would be followed by the WAL of a checkpoint.
      await lab.primary.run("ALTER SYSTEM SET max_wal_size = '1GB'");
      await lab.primary.reload();
      await lab.primary.run('CHECKPOINT');
      await until('all is archived', async () => {
        await switchWal(lab, false);
        await sleep(300);
        return (await bench.findings('archive-age'))[0]?.value === 0;
      });
    });

    it('is not read on a standby, which archives nothing', async () => {
      bench = await CheckBench.open(lab.standbys[0]!);
      assert.equal((await bench.run('archiver')).absent, 'The primary archives.');
      assert.equal((await bench.run('archive-age')).findings.length, 0);
    });

    it('counts the queries that replay has cancelled on a standby', async () => {
      const standby = lab.standbys[0]!;
      await lab.primary.run('CREATE TABLE conflicted AS SELECT i FROM generate_series(1, 1000) AS i');
      await until(
        'it has come',
        async () => (await standby.run("SELECT 1 FROM pg_class WHERE relname = 'conflicted'")).length === 1,
      );
      bench = await CheckBench.open(standby);
      assert.equal((await bench.findings('standby-conflicts'))[0]?.value, null);
      const reader = await standby.connect({ applicationName: 'report' });
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM conflicted');
      await lab.primary.run('DELETE FROM conflicted');
      await lab.primary.run('VACUUM conflicted');
      bench.skew = 60_000;
      await until(
        'it is seen',
        async () => (await bench.findings('standby-conflicts')).some(({ severity }) => severity === 'warning'),
        30_000,
      );
      const found = (await bench.findings('standby-conflicts')).find(({ severity }) => severity === 'warning');
      assert.match(found?.words ?? '', /^postgres: 1 query cancelled by replay/);
      await reader.end().catch(() => undefined);
    });
  });
}

async function switchWal(lab: Lab, write = true): Promise<void> {
  if (write) await lab.primary.run('SELECT txid_current()');
  await lab.primary.run('SELECT pg_switch_wal()');
}
