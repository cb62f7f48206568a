import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { systemClock } from '../../../src/core/ports/clock';
import { vacuumAction } from '../../../src/core/runbooks/vacuum/vacuum-action';
import { until } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

for (const major of testedMajors) {
  describe(`the vacuum runbook on PostgreSQL ${major}`, function () {
    this.timeout(90_000);
    let lab: Lab;
    let bench: RunbookBench;
    let holder: pg.Client | undefined;
    before(async () => {
      lab = await startLab({ major, settings: { autovacuum_naptime: '1h', track_counts: 'on' } });
      bench = new RunbookBench([
        profileOf(lab.primary, 'shop', { user: 'postgres' }),
        profileOf(lab.primary, 'plain', { user: 'plain' }),
      ]);
      await lab.primary.run('CREATE TABLE "Order ""items""" (id int PRIMARY KEY, note text)');
      await lab.primary.run(
        `INSERT INTO "Order ""items""" SELECT i, repeat('x', 200) FROM generate_series(1, 20000) AS i`,
      );
      await lab.primary.run('VACUUM (ANALYZE) "Order ""items"""');
    });
    after(async () => {
      await holder?.end().catch(() => undefined);
      await bench.close();
      await lab.stop();
    });
    const dead = async (): Promise<number> => {
      const [row] = await lab.primary.run<{ n: number }>(
        `SELECT n_dead_tup::int AS n FROM pg_stat_user_tables WHERE relname LIKE 'Order%'`,
      );
      return row?.n ?? 0;
    };

    it('names the transaction that a vacuum has proved to hold it back, ends it, vacuums, and is green', async () => {
      holder = await lab.primary.connect({ applicationName: 'report-job' });
      holder.on('error', () => undefined);
      await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await holder.query('SELECT 1');
      const elsewhere = await lab.primary.connect({ database: 'template1' });
      await elsewhere.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await elsewhere.query('SELECT 1');
      await lab.primary.run('DELETE FROM "Order ""items""" WHERE id <= 12000');
      await lab.primary.run('VACUUM "Order ""items"""');
      // Before 15 the counters come late, those of the DELETE and of the VACUUM one after the other.
      await until('the dead rows and the vacuum are counted', async () => {
        const [row] = await lab.primary.run<{ n: number }>(
          `SELECT vacuum_count::int AS n FROM pg_stat_user_tables WHERE relname LIKE 'Order%'`,
        );
        return (row?.n ?? 0) >= 2 && (await dead()) >= 12_000;
      });
      const book = await bench.open('vacuum');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*Vacuum is held back by Session \d+ \(postgres .* report-job/);
      assert.match(verdict.markdown, /that proves it/);
      assert.equal(verdict.next, 'holder');
      const horizon = await bench.run(book, 'horizon', 'shop');
      assert.doesNotMatch(horizon.markdown, /template1/, 'a transaction of another database holds nothing back');
      assert.ok((await bench.run(book, 'verify', 'shop')).failed);
      // VACUUM FULL would copy the dead rows.
      assert.match((await bench.run(book, 'full', 'shop')).markdown, /Refused.*would copy the dead rows/);

      bench.prompts.script('Terminate', true);
      assert.match((await bench.run(book, 'holder', 'shop')).markdown, /^\*\*Done/);
      const behind = await bench.diagnose(book, 'shop');
      assert.match(behind.markdown, /^\*\*Autovacuum is behind: 1 table/);
      assert.equal(behind.next, 'vacuum');
      bench.prompts.script('public.Order "items"', 'VACUUM (ANALYZE, INDEX_CLEANUP', true);
      const act = await bench.run(book, 'vacuum', 'shop');
      assert.match(act.markdown, /^\*\*Done\.\*\* public.*was vacuumed: 0 dead rows are counted now/);
      assert.match(act.markdown, /"Order ""items"""/);
      assert.equal(act.markdown.includes('BUFFER_USAGE_LIMIT'), major >= 16);
      assert.equal(act.markdown.includes('PARALLEL'), major >= 13);
      const verify = await bench.run(book, 'verify', 'shop');
      assert.match(verify.markdown, /Good again/);
      assert.equal(verify.failed, false);
      assert.deepEqual(bench.workRecords, [], 'nothing is left to be found again');
      await elsewhere.end();
    });

    it('says that a table was skipped where the server says nothing, and refuses who may not', async () => {
      const locker = await lab.primary.connect();
      await locker.query('BEGIN');
      await locker.query('LOCK TABLE "Order ""items""" IN SHARE UPDATE EXCLUSIVE MODE');
      const book = await bench.open('vacuum');
      bench.prompts.script('public.Order "items"', 'VACUUM (ANALYZE, SKIP_LOCKED)', true);
      const skipped = await bench.run(book, 'vacuum', 'shop');
      assert.match(skipped.markdown, /^\*\*Stopped\.\*\* The server skipped/);
      assert.ok(skipped.failed);
      await locker.end();
      bench.prompts.script('public.Order "items"', 'VACUUM (ANALYZE, SKIP_LOCKED)');
      const refused = await bench.run(book, 'vacuum', 'plain');
      assert.match(refused.markdown, /^\*\*Refused\.\*\* This role may not vacuum/);
    });

    it('names a table whose autovacuum is off, and switches it on', async () => {
      await lab.primary.run('CREATE TABLE loaded (id int)');
      await lab.primary.run('ALTER TABLE loaded SET (autovacuum_enabled = off)');
      await lab.primary.run('INSERT INTO loaded SELECT generate_series(1, 5000)');
      await lab.primary.run('ANALYZE loaded');
      await lab.primary.run('DELETE FROM loaded WHERE id <= 4000');
      await until('the dead rows are counted', async () => {
        const [row] = await lab.primary.run<{ n: number }>(
          `SELECT n_dead_tup::int AS n FROM pg_stat_user_tables WHERE relname = 'loaded'`,
        );
        return (row?.n ?? 0) >= 4000;
      });
      const book = await bench.open('vacuum');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*Autovacuum is off for public.*loaded/);
      assert.equal(verdict.next, 'tune');
      bench.prompts.script('public.loaded', true);
      assert.match((await bench.run(book, 'tune', 'shop')).markdown, /^\*\*Done/);
      const [options] = await lab.primary.run<{ o: string }>(
        `SELECT array_to_string(reloptions, ',') AS o FROM pg_class WHERE relname = 'loaded'`,
      );
      assert.equal(options?.o, 'autovacuum_enabled=on');
    });

    it('rewrites a table only with the name of the connection typed, on every server', async () => {
      const book = await bench.open('vacuum');
      await lab.primary.run('ANALYZE "Order ""items"""');
      bench.prompts.script('public.Order "items"', true);
      assert.equal((await bench.run(book, 'full', 'shop')).markdown.startsWith('**Nothing'), true);
      bench.prompts.script('public.Order "items"', 'shop');
      const full = await bench.run(book, 'full', 'shop');
      assert.match(full.markdown, /^\*\*Done\.\*\* public.*was rewritten/);
      const asked = bench.prompts.asked.findLast(({ kind }) => kind === 'confirm');
      assert.match(JSON.stringify(asked), /"typedName":"shop"/);
      assert.match(JSON.stringify(asked), /not visible in SQL/);
      assert.match(JSON.stringify(asked), /NOT MEASURED, only estimated: The extension pgstattuple is not created/);
    });

    it('refuses a rewrite whose bloat is estimated and not measured, and opens for one table', async () => {
      await lab.primary.run("CREATE TABLE padded AS SELECT repeat('x', 200) AS n FROM generate_series(1, 20000)");
      await lab.primary.run('VACUUM (ANALYZE) padded');
      // Statistics that err: narrow rows in so many pages are taken for bloat.
      await lab.primary.run("UPDATE pg_statistic SET stawidth = 4 WHERE starelid = 'padded'::regclass");
      await lab.primary.run('CREATE EXTENSION pgstattuple');
      const book = await bench.open('vacuum');
      bench.prompts.script('public.padded', 'shop');
      const full = await bench.run(book, 'full', 'shop');
      assert.match(full.markdown, /^\*\*Refused\.\*\* public.*padded was measured: .*does not pay/);
      assert.ok(!bench.prompts.asked.some(({ kind }) => kind === 'confirm'));

      const session = await bench.monitor.session('shop');
      const inspected = async (free: number): Promise<string> => {
        const [table] = await lab.primary.run<{ oid: number }>("SELECT 'padded'::regclass::oid AS oid");
        const named = { oid: table!.oid, schema: 'public', name: 'padded' };
        return JSON.stringify(await vacuumAction(named, 'full', major, systemClock, [], free).inspect(session));
      };
      assert.match(await inspected(4096), /"refused".*4 kB are free on the disk/);
      assert.match(await inspected(1e12), /"ready".*Free on the disk, by its latest reading/);

      const [row] = await lab.primary.run<{ oid: number }>("SELECT 'padded'::regclass::oid AS oid");
      const about = { table: { value: String(row!.oid), label: 'public.padded' } };
      assert.match(
        (await bench.diagnose(book, 'shop', about)).markdown,
        /Opened for public.*padded: 0 dead rows counted/,
      );
      bench.prompts.script();
      await bench.run(book, 'vacuum', 'shop', about);
      const [asked] = bench.prompts.asked;
      assert.ok(asked?.kind === 'pick' && asked.labels[0] === 'public.padded', JSON.stringify(asked));
    });

    it('is cancelled on the server by its notification, and goes on when its client closes', async function () {
      // A vacuum that sleeps between pages takes minutes.
      await lab.primary.run('CREATE TABLE long_one (id int, note text) WITH (autovacuum_enabled = off)');
      await lab.primary.run(`INSERT INTO long_one SELECT i, repeat('y', 900) FROM generate_series(1, 40000) AS i`);
      await lab.primary.run('DELETE FROM long_one WHERE id % 2 = 0');
      await lab.primary.run(`ALTER ROLE postgres SET vacuum_cost_delay = '100ms'`);
      await lab.primary.run(`ALTER ROLE postgres SET vacuum_cost_limit = 50`);
      try {
        const book = await bench.open('vacuum');
        bench.reported.length = 0;
        bench.prompts.script('public.long_one', 'VACUUM (ANALYZE, SKIP_LOCKED)', true);
        const ended = bench.run(book, 'vacuum', 'shop');
        await until('its progress is told', () => Promise.resolve(bench.reported.some((words) => /heap/.test(words))));
        const [record] = bench.workRecords;
        assert.ok(record);
        bench.cancelWork.abort();
        assert.match((await ended).markdown, /^\*\*Stopped/);
        bench.cancelWork = new AbortController();
        const runs = async (): Promise<boolean> =>
          (
            await lab.primary.run(
              `SELECT 1 FROM pg_stat_activity WHERE application_name = 'db-ops-panel long work' AND state = 'active'`,
            )
          ).length > 0;
        await until('the server has ended it', async () => !(await runs()));

        bench.prompts.script('public.long_one', 'VACUUM (ANALYZE, SKIP_LOCKED)', true);
        const left = bench.run(book, 'vacuum', 'shop').catch(() => undefined);
        await until('it runs again', runs);
        const [again] = bench.workRecords;
        assert.ok(again);
        const window = new RunbookBench([profileOf(lab.primary, 'shop', { user: 'postgres' })]);
        window.workRecords = [again];
        await bench.close();
        await left;
        await sleep(1500);
        assert.ok(await runs(), 'the server goes on');
        const found = window.work.resume();
        await until('it is found', () => Promise.resolve(window.reported.some((words) => /heap/.test(words))));
        assert.match(window.shown[0] ?? '', /shop: vacuum and analyze public.long_one/);
        window.prompts.script(true);
        window.cancelWork.abort();
        await found;
        await until('it has been cancelled', async () => !(await runs()));
        assert.deepEqual(window.workRecords, []);
        await window.close();
      } finally {
        await lab.primary.run('ALTER ROLE postgres RESET ALL');
      }
    });
  });
}
