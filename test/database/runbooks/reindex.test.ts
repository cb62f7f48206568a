import assert from 'node:assert/strict';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';
import { until } from '../../lab/faults';

for (const major of testedMajors) {
  describe(`the reindex runbook on PostgreSQL ${major}`, function () {
    this.timeout(90_000);
    let lab: Lab;
    let bench: RunbookBench;
    before(async () => {
      lab = await startLab({ major, settings: { autovacuum_naptime: '1h' } });
      bench = new RunbookBench([
        profileOf(lab.primary, 'shop', { user: 'postgres' }),
        profileOf(lab.primary, 'plain', { user: 'plain' }),
      ]);
      await lab.primary.run('CREATE TABLE "Items" (id int, code int)');
      await lab.primary.run('INSERT INTO "Items" SELECT i, i FROM generate_series(1, 200000) AS i');
    });
    after(async () => {
      await bench.close();
      await lab.stop();
    });

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
