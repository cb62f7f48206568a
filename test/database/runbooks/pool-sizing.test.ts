import assert from 'node:assert/strict';
import type { ApplicationPool } from '../../../src/core/pool/application-pool';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

const timer = { count: 1000, totalS: 2, maxS: 0.5 };
const main: ApplicationPool = {
  name: 'HikariPool-1',
  active: 3,
  idle: 17,
  pending: 0,
  max: 20,
  min: 20,
  total: 20,
  timeouts: 0,
  acquire: timer,
  usage: timer,
  creation: timer,
};

for (const major of testedMajors) {
  describe(`the pool sizing review on PostgreSQL ${major}`, function () {
    this.timeout(60_000);
    let lab: Lab;
    let bench: RunbookBench;
    before(async () => {
      lab = await sharedLab({ major });
      bench = new RunbookBench([profileOf(lab.primary, 'shop', { user: 'monitor' })]);
    });
    after(() => bench.close());

    it('holds the pools against the slots of the server and their kept use, and names the sizes', async () => {
      const book = await bench.open('pool-sizing');
      assert.match((await bench.diagnose(book, 'shop')).markdown, /^\*\*No application is attached/);
      // 97 usable slots; 5 × 20 are above 77.6.
      const past = { recentTimeouts: 0, leak: { kind: 'none' } as const };
      const application = { name: 'orders', instances: 5, behindPooler: false };
      bench.pools = { pools: [{ application, pool: main, past }], poolers: [], others: 2 };
      const young = await bench.diagnose(book, 'shop');
      assert.match(young.markdown, /^\*\*All pools together may take 100 of 97 slots · too many/);
      assert.match((await bench.run(book, 'sizes', 'shop')).markdown, /maximum-pool-size=15\n/);
      const [hour, now] = [3_600_000, Date.now()];
      const subject = 'orders HikariPool-1';
      for (let ago = 5; ago > 0; ago--)
        bench.audit.append(
          [
            {
              connectionId: 'shop',
              signal: 'hikari.active',
              subject,
              unit: 'count',
              at: now - ago * hour,
              value: 6 - ago,
            },
          ],
          now,
        );
      const kept = await bench.run(book, 'peaks', 'shop');
      assert.match(kept.markdown, /\| orders HikariPool-1 \| 20 \| 5 \| 5 \| 0 \| [56] hours in less than a day \|/);
      assert.match(
        (await bench.run(book, 'pools', 'shop')).markdown,
        /3 of 20 \| 17 \| 0 \| 0 \| 2 ms mean, 500 ms longest/,
      );
      const verify = await bench.run(book, 'verify', 'shop');
      assert.ok(verify.failed);
      bench.pools = { pools: [{ application, pool: { ...main, max: 15 }, past }], poolers: [], others: 2 };
      const better = await bench.run(book, 'verify', 'shop');
      assert.match(better.markdown, /Good again/);
      assert.match(better.markdown, /100 of 97 usable slots \| 75 of 97 usable slots \| good/);
    });
  });
}
