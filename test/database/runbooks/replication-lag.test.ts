import assert from 'node:assert/strict';
import { idleInTransaction, replayPaused, standbyStopped, until, writeWal, type Fault } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import type { LabServer } from '../../lab/server';
import { testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

const mb = 1024 ** 2;

for (const major of testedMajors) {
  describe(`the replication lag runbook on PostgreSQL ${major}`, function () {
    this.timeout(90_000);
    let lab: Lab;
    let primary: LabServer;
    let standby: LabServer;
    let bench: RunbookBench;
    let faults: Fault[] = [];
    before(async () => {
      lab = await startLab({
        major,
        standbys: 1,
        settings: {
          archive_mode: 'on',
          archive_command: '/bin/true',
          max_standby_streaming_delay: '-1',
          hot_standby_feedback: 'off',
        },
      });
      primary = lab.primary;
      standby = lab.standbys[0]!;
      bench = new RunbookBench([
        profileOf(primary, 'shop', { user: 'postgres' }),
        profileOf(standby, 'replica', { user: 'postgres' }),
        profileOf(primary, 'plain', { user: 'plain' }),
        { ...profileOf(standby, 'gone'), target: { ...profileOf(standby, 'gone').target, port: 1 } },
      ]);
      await writeWal(primary, mb);
    });
    afterEach(async () => {
      await Promise.all(faults.map((fault) => fault.heal()));
      faults = [];
      await until('the standby has all', caughtUp, 30_000);
    });
    after(async () => {
      await bench.close();
      await lab.stop();
    });
    const caughtUp = async (): Promise<boolean> => {
      const [row] = await primary.run<{ behind: string }>(
        'SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 1e12) AS behind FROM pg_stat_replication',
      );
      return Number(row?.behind ?? 1e12) < 100_000;
    };
    const received = (): Promise<void> =>
      until('all is flushed', async () => {
        const [row] = await primary.run<{ left: string }>(
          'SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn)) AS left FROM pg_stat_replication',
        );
        return Number(row?.left ?? 1e12) < 100_000;
      });
    /** The process of a server is stopped and goes on later. */
    const frozen = async (server: LabServer, type: string): Promise<void> => {
      const [row] = await server.run<{ pid: number }>('SELECT pid FROM pg_stat_activity WHERE backend_type = $1', [
        type,
      ]);
      process.kill(row!.pid, 'SIGSTOP');
      faults.push({ heal: () => Promise.resolve(void process.kill(row!.pid, 'SIGCONT')) });
    };

    it('is calm where nothing lags', async () => {
      await until('caught up', caughtUp);
      const book = await bench.open('replication-lag');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*No standby lags now/);
      const { markdown } = await bench.run(book, 'standbys', 'shop');
      assert.match(markdown, /\| replica \| receives \| replays/);
      assert.match(markdown, /Not answered:\n\n- gone: Nothing listens/);
      assert.match((await bench.run(book, 'verify', 'shop')).markdown, /Good again/);
    });

    it('finds paused replay, resumes it on the standby, and verifies', async () => {
      await replayPaused(standby);
      await writeWal(primary, 30 * mb);
      await received();
      const book = await bench.open('replication-lag');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*Standby standby1 \(\d+(\.\d)? MB behind.*\): replay is PAUSED/);
      assert.equal(verdict.next, 'resume');
      assert.match((await bench.run(book, 'stages', 'shop')).markdown, /standby1 \| streaming .*\*\*\d+(\.\d)? MB\*\*/);
      assert.match((await bench.diagnose(book, 'replica')).markdown, /replay is PAUSED/, 'seen from the standby too');
      assert.match(
        (await bench.run(book, 'headroom', 'shop')).markdown,
        /The lag is real.*\n\n- ☑ The primary has free slots/,
      );
      await bench.diagnose(book, 'shop');
      bench.prompts.script(true);
      const act = await bench.run(book, 'resume', 'shop');
      assert.match(
        act.markdown,
        /^\*\*Done\.\*\* Replay goes on\. On replica\.\n\n```sql\nSELECT pg_catalog\.pg_wal_replay_resume/,
      );
      await until('caught up', caughtUp);
      const verify = await bench.run(book, 'verify', 'shop');
      assert.match(
        verify.markdown,
        /Good again.*\n[^]*Standby standby1 \| [\d.\\]+ MB behind \| [\d.\\]+ k?B behind \| good/,
      );
      assert.match((await bench.run(book, 'resume', 'shop')).markdown, /No standby .* has its replay paused/);
      assert.deepEqual(
        bench.audit.actions('replica', 0, Infinity).map(({ outcome }) => outcome),
        ['done'],
      );
    });

    it('finds the query that replay waits for, and ends it', async () => {
      await primary.run('CREATE TABLE IF NOT EXISTS read_there AS SELECT generate_series(1, 1000) AS i');
      await until(
        'the table is there',
        async () => (await standby.run("SELECT 1 FROM pg_tables WHERE tablename = 'read_there'")).length > 0,
      );
      const reader = await standby.connect({ applicationName: 'reports', user: 'postgres' });
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM read_there');
      faults.push({ heal: () => reader.end().catch(() => undefined) });
      await primary.run('TRUNCATE read_there');
      await writeWal(primary, 20 * mb);
      await received();
      await new Promise((resolve) => setTimeout(resolve, 5200));
      const book = await bench.open('replication-lag');
      const verdict = await bench.diagnose(book, 'shop');
      const pid = (reader as unknown as { processID: number }).processID;
      assert.match(verdict.markdown, new RegExp(`replay waits for session ${pid} there`));
      assert.equal(verdict.next, 'query');
      bench.prompts.script(`Terminate ${pid}`, true);
      assert.match(
        (await bench.run(book, 'query', 'shop')).markdown,
        /^\*\*Done\.\*\* Session \d+ has ended\. On replica/,
      );
      await until('caught up', caughtUp);
      assert.match((await bench.run(book, 'verify', 'shop')).markdown, /Good again/);
    });

    it('tells slow replay from WAL that does not arrive', async function () {
      if (process.platform === 'win32') this.skip();
      await frozen(standby, 'startup');
      await writeWal(primary, 20 * mb);
      await received();
      const book = await bench.open('replication-lag');
      assert.match((await bench.diagnose(book, 'shop')).markdown, /WAL has arrived and is not replayed: \d+(\.\d)? MB/);
      await faults.pop()?.heal();
      await until('caught up', caughtUp);
      await frozen(standby, 'walreceiver');
      await writeWal(primary, 60 * mb);
      assert.match((await bench.diagnose(book, 'shop')).markdown, /WAL waits on the primary to be sent: \d+(\.\d)? MB/);
    });

    it('finds a standby that is gone first, and its slot is not offered to be dropped', async () => {
      faults.push(await standbyStopped(standby));
      await until(
        'its sender is gone',
        async () => (await primary.run('SELECT 1 FROM pg_stat_replication')).length === 0,
      );
      await writeWal(primary, 70 * mb);
      const book = await bench.open('replication-lag');
      const { markdown, next } = await bench.diagnose(book, 'shop');
      assert.match(markdown, /^\*\*Standby standby1 is DISCONNECTED/);
      assert.equal(next, undefined);
      assert.doesNotMatch(markdown, /Also found/);
      assert.ok((await bench.run(book, 'verify', 'shop')).failed);
    });

    it('finds a dead slot, shows what is lost, and drops it once', async () => {
      await primary
        .run("SELECT pg_create_logical_replication_slot('dead cdc'::text::name, 'test_decoding')")
        .catch(() => undefined);
      await primary.run("SELECT pg_create_logical_replication_slot('dead_cdc', 'test_decoding')");
      await writeWal(primary, 70 * mb);
      await until('caught up', caughtUp, 30_000);
      const book = await bench.open('replication-lag');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*Slot dead_cdc has no consumer and keeps \d+(\.\d)? MB/);
      assert.equal(verdict.next, 'slot');
      bench.prompts.script('dead_cdc', true);
      assert.match(
        (await bench.run(book, 'slot', 'plain')).markdown,
        /Refused\.\*\* This role may not drop replication slots/,
      );
      assert.ok(!bench.prompts.asked.some(({ kind }) => kind === 'confirm'), 'before anybody is asked');
      bench.prompts.script('dead_cdc', true);
      assert.match((await bench.run(book, 'slot', 'shop')).markdown, /^\*\*Done\.\*\* The slot dead\\?_cdc is dropped/);
      const [, confirm] = bench.prompts.asked;
      assert.ok(confirm?.kind === 'confirm' && /every change since it last confirmed/.test(confirm.question.detail));
      bench.prompts.script('dead_cdc', true);
      const again = await bench.run(book, 'slot', 'shop');
      assert.match(again.markdown, /Every slot has its consumer|Nothing was done/);
      assert.match((await bench.run(book, 'verify', 'shop')).markdown, /Good again/);
    });

    it('is idle in a transaction on the standby without standing in the way', async () => {
      faults.push(await idleInTransaction(standby, { user: 'postgres' }));
      await writeWal(primary, mb);
      await until('caught up', caughtUp);
      assert.match((await bench.diagnose(await bench.open('replication-lag'), 'shop')).markdown, /No standby lags now/);
    });

    it('finds a failing archiver beside it, and nothing is proof for a role that sees nothing', async () => {
      await primary.run("ALTER SYSTEM SET archive_command = '/bin/false'");
      await primary.run('SELECT pg_reload_conf()');
      faults.push({
        heal: async () => {
          await primary.run('ALTER SYSTEM RESET archive_command');
          await primary.run('SELECT pg_reload_conf()');
        },
      });
      await writeWal(primary, mb);
      await primary.run('SELECT pg_switch_wal()');
      await until(
        'it fails',
        async () =>
          (
            await primary.run(
              "SELECT 1 FROM pg_stat_archiver WHERE last_failed_time > coalesce(last_archived_time, '-infinity')",
            )
          ).length === 1,
        20_000,
      );
      const book = await bench.open('replication-lag');
      assert.match((await bench.diagnose(book, 'shop')).markdown, /^\*\*Archiving fails/);
      assert.match(
        (await bench.diagnose(book, 'plain')).markdown,
        /^\*\*(How far the standbys are is hidden|Archiving fails)/,
      );
      assert.ok((await bench.run(book, 'verify', 'plain')).failed);
    });
  });
}
