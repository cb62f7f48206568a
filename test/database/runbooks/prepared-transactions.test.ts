import assert from 'node:assert/strict';
import { lockWaiters, until, type Fault } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { TcpProxy } from '../../lab/tcp-proxy';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

/** A name that would leave its quotes. */
const gid = `shop'; DROP TABLE kept; --\\ "x"`;

for (const major of testedMajors) {
  describe(`prepared transactions, deadlocks and keys on PostgreSQL ${major}`, function () {
    this.timeout(60_000);
    let lab: Lab;
    let bench: RunbookBench;
    let proxy: TcpProxy;
    before(async () => {
      lab = await startLab({ major, settings: { max_prepared_transactions: '5', deadlock_timeout: '100ms' } });
      proxy = await TcpProxy.start(lab.primary);
      bench = new RunbookBench([
        profileOf(lab.primary, 'shop', { user: 'postgres' }),
        profileOf(lab.primary, 'monitor', { user: 'monitor' }),
        profileOf(lab.primary, 'other', { database: 'template1' }),
        profileOf(lab.primary, 'shaky', { port: proxy.port }),
      ]);
      await lab.primary.run('CREATE TABLE kept (id int PRIMARY KEY, n int); INSERT INTO kept VALUES (1, 0), (2, 0)');
    });
    after(async () => {
      await bench.close();
      await proxy.stop();
      await lab.stop();
    });

    const prepared = async (): Promise<number> => (await lab.primary.run('SELECT 1 FROM pg_prepared_xacts')).length;
    /** A transaction manager that died between the two phases, and a session that waits for its row. */
    async function abandoned(): Promise<Fault> {
      const manager = await lab.primary.connect({ applicationName: 'tm' });
      await manager.query('BEGIN; UPDATE kept SET n = n + 1 WHERE id = 1');
      await manager.query(`PREPARE TRANSACTION ${manager.escapeLiteral(gid).trim()}`);
      await manager.end();
      const waiter = await lab.primary.connect({ applicationName: 'billing' });
      const waiting = waiter.query('UPDATE kept SET n = n + 10 WHERE id = 1').catch(() => undefined);
      await until('it waits', async () => (await lockWaiters(lab.primary)) > 0);
      return {
        heal: async () => {
          await lab.primary.run(`ROLLBACK PREPARED ${waiter.escapeLiteral(gid).trim()}`).catch(() => undefined);
          await waiting;
          await waiter.end();
        },
      };
    }

    it('names the prepared transaction and rolls it back on a session of its own', async () => {
      const fault = await abandoned();
      const book = await bench.open('lock-contention');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*A prepared transaction holds up 1 session/);
      assert.equal(verdict.next, 'prepared');
      bench.prompts.script(gid, true);
      const other = await bench.run(book, 'prepared', 'other');
      assert.match(other.markdown, /Refused\.\*\* It belongs to the database postgres/);
      bench.prompts.script(gid, true);
      const denied = await bench.run(book, 'prepared', 'monitor');
      assert.match(denied.markdown, /Refused\.\*\* Only its owner postgres or a superuser/);
      assert.ok(!bench.prompts.asked.some(({ kind }) => kind === 'confirm'));
      bench.prompts.script(gid, true);
      const done = await bench.run(book, 'prepared', 'shop');
      assert.match(done.markdown, /^\*\*Done\.\*\*/);
      const confirm = bench.prompts.asked[1];
      assert.ok(confirm?.kind === 'confirm');
      assert.match(confirm.question.sql ?? '', /^ROLLBACK PREPARED E'shop''; DROP TABLE kept; --\\\\ "x"'$/);
      assert.match(confirm.question.detail, /1 session waiting for a prepared transaction now/);
      assert.equal(await prepared(), 0);
      await until('nobody waits', async () => (await lockWaiters(lab.primary)) === 0);
      assert.match((await bench.run(book, 'verify', 'shop')).markdown, /Before: 1 waiting\. Now: \*\*nobody waits/);
      await fault.heal();
      assert.deepEqual(await lab.primary.run('SELECT n FROM kept WHERE id = 1'), [{ n: 10 }], 'only the waiter wrote');
    });

    it('does nothing when another one has taken its name while the person thought', async () => {
      const fault = await abandoned();
      const confirm = bench.prompts.confirm.bind(bench.prompts);
      bench.prompts.script(gid, true);
      bench.prompts.confirm = async (question) => {
        await fault.heal();
        const again = await lab.primary.connect();
        await again.query('BEGIN; UPDATE kept SET n = n + 1 WHERE id = 2');
        await again.query(`PREPARE TRANSACTION ${again.escapeLiteral(gid).trim()}`);
        await again.end();
        return confirm(question);
      };
      const book = await bench.open('lock-contention');
      const result = await bench.run(book, 'prepared', 'shop').finally(() => (bench.prompts.confirm = confirm));
      assert.match(
        result.markdown,
        /Refused\.\*\* What it acts on has changed since you were asked\. Nothing was done/,
      );
      assert.equal(await prepared(), 1);
      await fault.heal();
    });

    it('says that it does not know when the server is lost in the middle, and sends nothing twice', async () => {
      const fault = await abandoned();
      const record = bench.audit.record.bind(bench.audit);
      const sent: string[] = [];
      bench.audit.record = (entry) => {
        record(entry);
        sent.push(entry.outcome);
        if (entry.outcome === 'sent') proxy.cut();
      };
      bench.prompts.script(gid, true);
      const book = await bench.open('lock-contention');
      const result = await bench.run(book, 'prepared', 'shaky').finally(() => (bench.audit.record = record));
      assert.match(
        result.markdown,
        /^\*\*Not known\.\*\* Whether the prepared transaction .* was rolled back is not known/,
      );
      assert.ok(result.failed);
      assert.deepEqual(sent, ['sent', 'unknown']);
      await fault.heal();
    });

    it('counts deadlocks that come, and lists keys without an index', async () => {
      await lab.primary.run(
        'CREATE TABLE "Order ""Line" (id int, "Kept Id" int REFERENCES kept); CREATE TABLE good (id int PRIMARY KEY REFERENCES kept)',
      );
      const book = await bench.open('lock-contention');
      await bench.run(book, 'deadlocks', 'shop');
      const [a, b] = await Promise.all([lab.primary.connect(), lab.primary.connect()]);
      await a.query('BEGIN; UPDATE kept SET n = 0 WHERE id = 1');
      await b.query('BEGIN; UPDATE kept SET n = 0 WHERE id = 2');
      await Promise.allSettled([
        a.query('UPDATE kept SET n = 0 WHERE id = 2'),
        b.query('UPDATE kept SET n = 0 WHERE id = 1'),
      ]);
      await Promise.all([a.end(), b.end()]);
      await until(
        'it is counted',
        async () =>
          (await lab.primary.run("SELECT 1 FROM pg_stat_database WHERE datname = 'postgres' AND deadlocks > 0"))
            .length > 0,
        30_000,
      );
      assert.match((await bench.run(book, 'deadlocks', 'shop')).markdown, /\| postgres \| 1 \| 1 \|/);
      const keys = await bench.run(book, 'foreign-keys', 'shop');
      assert.match(keys.markdown, /CREATE INDEX CONCURRENTLY ON "public"\."Order ""Line" \("Kept Id"\);/);
      assert.doesNotMatch(keys.markdown, /good/);
    });
  });
}
