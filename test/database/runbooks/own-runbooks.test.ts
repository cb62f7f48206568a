import assert from 'node:assert/strict';
import { actOwn, readOwn } from '../../../src/core/runbooks/own/own-run';
import type { Session } from '../../../src/core/ports/session';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import type { Lab } from '../../lab/lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

for (const major of testedMajors) {
  describe(`runbooks of the workspace on PostgreSQL ${major}`, function () {
    this.timeout(60_000);
    let lab: Lab;
    let bench: RunbookBench;
    let session: Session;
    const { signal } = new AbortController();
    before(async () => {
      lab = await sharedLab({ major });
      bench = new RunbookBench([profileOf(lab.primary, 'shop'), { ...profileOf(lab.primary, 'ro'), readOnly: true }]);
      session = await bench.monitor.session('shop');
      await lab.primary.run('DROP TABLE IF EXISTS own; CREATE TABLE own (i int); INSERT INTO own VALUES (1)');
    });
    after(() => bench.close());

    it('shows what a statement reads, as text', async () => {
      const { markdown } = await readOwn('SELECT \'<b>|\' AS "a|b", NULL AS n, 2 AS i', session, signal);
      assert.equal(markdown, '| a&#124;b | n | i |\n| --- | --- | --- |\n| &lt;b&gt;&#124; | NULL | 2 |');
      assert.equal((await readOwn('SELECT 1 WHERE false', session, signal)).markdown, 'No rows.');
      assert.match(
        (await readOwn('SELECT generate_series(1, 150) AS i', session, signal)).markdown,
        /50 more rows are not shown/,
      );
      // Whatever its size: the rows that are not shown are not read either.
      for (const many of ['SELECT', '-- why\n/* and */ SELECT', 'WITH a AS (SELECT 1) SELECT'])
        assert.match(
          (await readOwn(`${many} generate_series(1, 2000000000) AS i -- all`, session, signal)).markdown,
          /More than 900 more rows are not shown/,
        );
      assert.match((await readOwn('(VALUES (1), (2))', session, signal)).markdown, /\| 1 \|\n\| 2 \|$/);
    });

    it('changes nothing where it only reads', async () => {
      await assert.rejects(
        readOwn('WITH gone AS (DELETE FROM public.own RETURNING i) SELECT * FROM gone', session, signal),
        /read-only transaction/,
      );
      assert.match(
        (await readOwn('SELECT 1; DROP TABLE public.own', session, signal)).markdown,
        /2 statements.*Nothing was run/,
      );
      assert.equal((await lab.primary.run('SELECT 1 FROM own')).length, 1);
    });

    it('acts only when it was asked, and exactly what was shown', async () => {
      const { gate } = bench.tools;
      bench.prompts.script(false);
      assert.match(
        (await actOwn('DELETE FROM public.own', 'clean', 'shop', gate, 'postgres', signal)).markdown,
        /Nothing was done/,
      );
      assert.match(
        (await actOwn('DELETE FROM public.own', 'clean', 'ro', gate, 'postgres', signal)).markdown,
        /Refused\.\*\* ro is read-only/,
      );
      assert.equal((await lab.primary.run('SELECT 1 FROM own')).length, 1);
      for (const sql of ['DELETE FROM public.own', 'VACUUM public.own']) {
        bench.prompts.script(true);
        const { markdown } = await actOwn(`${sql};`, 'clean', 'shop', gate, 'postgres', signal);
        assert.match(markdown, /^\*\*Done\.\*\*/);
        const [asked] = bench.prompts.asked;
        assert.ok(asked?.kind === 'confirm' && asked.question.sql === sql);
      }
      assert.equal((await lab.primary.run('SELECT 1 FROM own')).length, 0);
      assert.deepEqual(
        bench.audit.actions('shop', 0, Infinity).map(({ statement }) => statement),
        ['DELETE FROM public.own', 'VACUUM public.own'],
      );
    });
  });
}
