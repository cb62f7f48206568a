import assert from 'node:assert/strict';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';
import { until } from '../../lab/faults';
import { scansOnStandbys, usersOf } from '../../../src/core/runbooks/reindex/standby-scans';

for (const major of testedMajors) {
  describe(`the reindex runbook on PostgreSQL ${major}`, function () {
    this.timeout(90_000);
    let lab: Lab;
    let bench: RunbookBench;
    before(async () => {
      lab = await startLab({ major, standbys: 1, settings: { autovacuum_naptime: '1h' } });
      bench = new RunbookBench([
        profileOf(lab.primary, 'shop', { user: 'postgres' }),
        profileOf(lab.primary, 'plain', { user: 'plain' }),
        profileOf(lab.standbys[0]!, 'replica'),
        profileOf(lab.standbys[0]!, 'elsewhere', { database: 'template1' }),
      ]);
      await lab.primary.run('CREATE TABLE "Items" (id int, code int)');
      await lab.primary.run('INSERT INTO "Items" SELECT i, i FROM generate_series(1, 200000) AS i');
    });
    after(async () => {
      await bench.close();
      await lab.stop();
    });

    const oidOf = async (name: string): Promise<number> =>
      (await lab.primary.run<{ oid: number }>('SELECT $1::regclass::oid AS oid', [name]))[0]!.oid;

    it('finds what a failed build left, keeps its statement, drops it, and is green', async () => {
      await lab.primary.run('INSERT INTO "Items" VALUES (1, 1)');
      await assert.rejects(lab.primary.run('CREATE UNIQUE INDEX CONCURRENTLY "Items key" ON "Items" (id)'));
      const book = await bench.open('reindex');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*1 invalid index: public.*Items key/);
      assert.equal(verdict.next, 'drop');
      bench.prompts.script('public.Items key');
      assert.match((await bench.run(book, 'drop', 'plain')).markdown, /^\*\*Refused\.\*\* Only the owner/);
      bench.prompts.script('public.Items key', true);
      const act = await bench.run(book, 'drop', 'shop');
      assert.match(act.markdown, /^\*\*Done/);
      assert.match(act.markdown, /to make it again: CREATE UNIQUE INDEX "Items key" ON public\."Items"/);
      const verify = await bench.run(book, 'verify', 'shop');
      assert.match(verify.markdown, /Good again/);
      assert.match(verify.markdown, /Invalid indexes \| 1 \| 0 \| good/);
      await lab.primary.run('DELETE FROM "Items" WHERE ctid = (SELECT max(ctid) FROM "Items")');
    });

    it('rebuilds a bloated index and tells whom it waits for', async () => {
      await lab.primary.run('CREATE UNIQUE INDEX "Items code" ON "Items" (code)');
      await lab.primary.run('DELETE FROM "Items" WHERE id % 10 <> 0');
      await lab.primary.run('VACUUM (ANALYZE) "Items"');
      const book = await bench.open('reindex');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*1 index bloated, .* by estimate: public.*Items code/);
      assert.equal(verdict.next, 'rebuild');

      const young = await lab.primary.connect({ applicationName: 'reader' });
      await young.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await young.query('SELECT count(*) FROM "Items"');
      bench.prompts.script('public.Items code', true);
      const waiting = bench.run(book, 'rebuild', 'shop');
      await until('it tells whom it waits for', () =>
        Promise.resolve(bench.reported.some((words) => /waits for session \d+ to end/.test(words))),
      );
      const builds = await bench.run(book, 'builds', 'shop');
      assert.match(builds.markdown, /\| session \d+ \|/);
      await young.query('COMMIT');
      await young.end();
      const act = await waiting;
      assert.match(act.markdown, /^\*\*Done\.\*\* public.*was rebuilt/);
      assert.match(act.markdown, /REINDEX INDEX CONCURRENTLY "public"\."Items code"/);
      assert.match(
        (await bench.run(book, 'verify', 'shop')).markdown,
        /Bloated indexes, by estimate \| 1 \| 0 \| good/,
      );
    });

    it('knows which standby uses an index that this server does not', async () => {
      const standby = lab.standbys[0]!;
      await until('the standby has the index', async () => {
        const [row] = await standby.run<{ found: boolean }>(`SELECT to_regclass('"Items code"') IS NOT NULL AS found`);
        return row?.found === true;
      });
      const reader = await standby.connect();
      await reader.query('SET enable_seqscan = off; SELECT * FROM "Items" WHERE code = 10');
      await reader.end();
      const profile = bench.profiles.find('shop')!;
      const session = await bench.monitor.session('shop');
      const run = { session, profile, signal: new AbortController().signal };
      const names = ['public.Items code', 'public.gone'];
      await until('it is counted', async () => {
        const standbys = await scansOnStandbys(run, names, bench.tools);
        assert.deepEqual(
          standbys.map(({ connection }) => connection),
          ['replica'],
          'of this database alone',
        );
        return usersOf('public.Items code', standbys).length === 1;
      });
    });

    it('keeps a duplicate by decision, with its reason, and is green', async () => {
      await lab.primary.run('CREATE INDEX "Items again" ON "Items" (code)');
      const book = await bench.open('reindex');
      assert.match((await bench.diagnose(book, 'shop')).markdown, /^\*\*1 index repeats another: public.*Items again/);
      bench.prompts.script('public.Items again', ' ');
      assert.match((await bench.run(book, 'keep', 'shop')).markdown, /Nothing was decided/, 'without a reason');
      bench.prompts.script('public.Items again', 'until the report is rewritten');
      assert.match((await bench.run(book, 'keep', 'shop')).markdown, /^\*\*Kept by decision:/);
      const verify = await bench.run(book, 'verify', 'shop');
      assert.match(verify.markdown, /Good again[^]*Duplicate indexes \| 1 \| 0, and 1 kept \| kept by decision/);
      const about = { index: { value: String(await oidOf('"Items again"')), label: 'public.Items again' } };
      bench.prompts.script('public.Items', true);
      const act = await bench.run(book, 'drop', 'shop', about);
      assert.match(act.markdown, /no leftover, no duplicate/, 'what is kept is not offered');
      assert.match((await bench.diagnose(await bench.open('reindex'), 'shop')).markdown, /repeats another/);
      await lab.primary.run('DROP INDEX "Items again"');
    });

    it('cancelled, it says what it left, and finds it as a leftover', async () => {
      await lab.primary.run('INSERT INTO "Items" SELECT i, i FROM generate_series(300000, 500000) AS i');
      await lab.primary.run('DELETE FROM "Items" WHERE id >= 300000');
      await lab.primary.run('VACUUM (ANALYZE) "Items"');
      const reader = await lab.primary.connect({ applicationName: 'reader' });
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await reader.query('SELECT count(*) FROM "Items"');
      const book = await bench.open('reindex');
      bench.reported.length = 0;
      bench.prompts.script('public.Items code', true);
      const ended = bench.run(book, 'rebuild', 'shop');
      await until('it waits', () => Promise.resolve(bench.reported.some((words) => /waits for session/.test(words))));
      bench.cancelWork.abort();
      const act = await ended;
      bench.cancelWork = new AbortController();
      assert.match(act.markdown, /^\*\*Stopped\.\*\* .*_ccnew or .*_ccold/);
      await reader.query('COMMIT');
      await reader.end();
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*1 invalid index: public.*Items code\\?_cc/);
      assert.match(verdict.markdown, /left from a failed REINDEX CONCURRENTLY/);
    });
  });
}
