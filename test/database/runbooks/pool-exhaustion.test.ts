import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { exhaustion, idleInTransaction, lockChain, longQuery, type Fault } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

for (const major of testedMajors) {
  describe(`the pool exhaustion runbook on PostgreSQL ${major}`, function () {
    this.timeout(90_000);
    let lab: Lab;
    let bench: RunbookBench;
    let faults: Fault[] = [];
    before(async () => {
      lab = await startLab({
        major,
        settings: { max_connections: '30', max_wal_senders: '3', superuser_reserved_connections: '3' },
      });
      bench = new RunbookBench([
        profileOf(lab.primary, 'shop', { user: 'postgres' }),
        profileOf(lab.primary, 'plain', { user: 'plain' }),
        { ...profileOf(lab.primary, 'ro'), readOnly: true },
      ]);
      // The warm session is there before the slots are gone.
      await bench.monitor.session('shop');
    });
    afterEach(async () => {
      await Promise.all(faults.map((fault) => fault.heal()));
      faults = [];
    });
    after(async () => {
      await bench.close();
      await lab.stop();
    });
    const leaks = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++)
        faults.push(await idleInTransaction(lab.primary, { applicationName: 'orders-api', user: 'plain' }));
    };

    it('finds a leak, ends what a person chooses, and is green when the last one is gone', async () => {
      await leaks(3);
      await sleep(5200);
      const book = await bench.open('pool-exhaustion');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*A connection leak: 3 sessions idle in transaction/);
      assert.match(verdict.markdown, /orders-api \(role plain\) has 3 of its 3 sessions/);
      assert.match(verdict.markdown, /Nothing is full now: \d+ of 27 usable slots/);
      assert.equal(verdict.next, 'act');
      const first = await bench.run(book, 'verify', 'shop');
      assert.ok(first.failed);
      for (let left = 3; left > 0; left--) {
        bench.prompts.script('Terminate', true);
        const result = await bench.run(book, 'act', 'shop');
        assert.match(result.markdown, /^\*\*Done\.\*\* Session \d+ has ended/);
        assert.ok(result.acted);
      }
      const verify = await bench.run(book, 'verify', 'shop');
      assert.match(verify.markdown, /Good again/);
      assert.match(verify.markdown, /Sessions left in a transaction \| 3 \| 0 \| good/);
      assert.equal(verify.failed, false);
      assert.equal(bench.audit.actions('shop', 0, Infinity).length, 3);
      assert.ok(bench.audit.actions('shop', 0, Infinity).every(({ outcome }) => outcome === 'done'));
    });

    it('finds slow statements where the server is full, through the session that was there before', async () => {
      for (let i = 0; i < 5; i++) faults.push(await longQuery(lab.primary, 600, 'reports', { user: 'plain' }));
      faults.push(await exhaustion(lab.primary));
      await sleep(5200);
      const book = await bench.open('pool-exhaustion');
      const { markdown, next } = await bench.diagnose(book, 'shop');
      assert.match(markdown, /^\*\*Slow statements: 5 sessions at work for more than 5 s/);
      assert.match(markdown, /Full at the server: 2\d of 27 usable slots/);
      assert.match(markdown, /5 of them run the same statement/);
      assert.equal(next, 'act');
      bench.prompts.script('Cancel query of', true);
      const act = await bench.run(book, 'act', 'shop');
      assert.match(act.markdown, /The statement of session \d+ has ended; the session is idle/);
    });

    it('finds sessions that do nothing wrong, and says what max_connections means', async () => {
      faults.push(await exhaustion(lab.primary));
      const book = await bench.open('pool-exhaustion');
      const { markdown, next } = await bench.diagnose(book, 'shop');
      assert.match(markdown, /^\*\*The slots are held by sessions that do nothing wrong: \d+ of \d+ are idle/);
      assert.equal(next, 'size');
      const size = await bench.run(book, 'size', 'shop');
      assert.match(size.markdown, /30 \(max_connections\) - 3 \(superuser_reserved_connections\) = 27/);
      assert.match(size.markdown, /0\.8 × 27 = 21/);
      assert.match(size.markdown, major >= 14 ? /replay pauses/ : /shut down/);
    });

    it('puts the lock first when it holds more than the leak beside it, and its root is what is offered', async () => {
      await leaks(1);
      const chain = await lockChain(lab.primary, { ddl: true, table: 'pool_chain' });
      faults.push(chain);
      await sleep(5200);
      const book = await bench.open('pool-exhaustion');
      const { markdown } = await bench.diagnose(book, 'shop');
      assert.match(markdown, new RegExp(`^\\*\\*A lock: 3 sessions wait for it\\. Session ${chain.pids.a} `));
      assert.match(markdown, /Also found.*\n\n- A connection leak/);
      bench.prompts.script(`Terminate ${chain.pids.a}`, true);
      await bench.run(book, 'act', 'shop');
      const [pick] = bench.prompts.asked;
      assert.ok(pick?.kind === 'pick' && pick.labels[0] === `Terminate ${chain.pids.a}`);
    });

    it('proves nothing with a role that sees nothing, and does nothing on a read-only connection', async () => {
      await leaks(1);
      await sleep(5200);
      const book = await bench.open('pool-exhaustion');
      assert.match((await bench.diagnose(book, 'plain')).markdown, /^\*\*Why is hidden from this role/);
      const verify = await bench.run(book, 'verify', 'plain');
      assert.ok(verify.failed, 'what is not known is not green');
      bench.prompts.script('Terminate', true);
      assert.match((await bench.run(book, 'act', 'ro')).markdown, /Refused\.\*\* ro is read-only.*Edit Connection/);
    });
  });
}
