import assert from 'node:assert/strict';
import { idleInTransaction, lockChain, until } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

for (const major of testedMajors) {
  describe(`the cheat sheet on PostgreSQL ${major}`, function () {
    this.timeout(60_000);
    let lab: Lab;
    let bench: RunbookBench;
    before(async () => {
      lab = await sharedLab({ major });
      bench = new RunbookBench([
        profileOf(lab.primary, 'shop', { user: 'postgres' }),
        profileOf(lab.primary, 'plain', { user: 'plain' }),
      ]);
    });
    after(() => bench.close());

    it('reads each command, names who waits behind whom, and kills the one', async () => {
      await lab.primary.run('CREATE TABLE IF NOT EXISTS "Mixed ""case""" (id int)');
      const book = await bench.open('cheat-sheet');
      const calm = await bench.diagnose(book, 'shop');
      assert.match(calm.markdown, /^\*\*No query is long, nobody waits for a lock/);
      assert.match((await bench.run(book, 'sizes', 'shop')).markdown, /public\\?.Mixed "case"/);
      const hidden = await bench.diagnose(book, 'plain');
      assert.match(hidden.markdown, /^\*\*Nothing that this role sees/);
      assert.match((await bench.run(book, 'kill', 'plain')).markdown, /^\*\*Refused/);

      const chain = await lockChain(lab.primary, { table: 'sheet' });
      try {
        const verdict = await bench.diagnose(book, 'shop');
        assert.match(verdict.markdown, new RegExp(`2 sessions wait for a lock, behind ${chain.pids.a}`));
        assert.equal(verdict.next, 'kill');
        assert.ok((await bench.run(book, 'verify', 'shop')).failed);
        bench.prompts.script('Terminate', true);
        const act = await bench.run(book, 'kill', 'shop');
        assert.match(act.markdown, new RegExp(`^\\*\\*Done\\.\\*\\* Session ${chain.pids.a} has ended`));
        await until('all go on', async () => !(await bench.run(book, 'verify', 'shop')).failed);
      } finally {
        await chain.heal();
      }
    });

    it('offers what is idle in its transaction too, and ends only what was chosen', async () => {
      const [one, two] = [await idleInTransaction(lab.primary), await idleInTransaction(lab.primary)];
      try {
        const book = await bench.open('cheat-sheet');
        bench.prompts.script(`Terminate ${two.pid}`, true);
        assert.match((await bench.run(book, 'kill', 'shop')).markdown, /^\*\*Done/);
        const rows = await lab.primary.run<{ pid: number }>('SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1)', [
          [one.pid, two.pid],
        ]);
        assert.deepEqual(rows, [{ pid: one.pid }]);
      } finally {
        await one.heal();
        await two.heal();
      }
    });
  });
}
