import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { sessionsStatement } from '../../../src/core/health/sessions-statement';
import type { Session } from '../../../src/core/ports/session';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { labOpener, profileOf, realMonitor, TestProfiles } from '../support/monitor';

const never = new AbortController().signal;

for (const major of testedMajors) {
  describe(`the panel's own sessions on PostgreSQL ${major}`, function () {
    this.timeout(60_000);
    let lab: Lab;
    let session: Session;
    before(async () => {
      lab = await sharedLab({ major });
      session = await labOpener.open(profileOf(lab.primary, 'counter'), never);
    });
    after(() => session.close());

    const idleInTransaction = async (): Promise<number | null | undefined> =>
      (await session.read(sessionsStatement, never))[0]?.idleInTransaction;

    it('are no leak while they read, in however many windows', async () => {
      const windows = ['a', 'b', 'c'];
      const monitor = realMonitor(new TestProfiles(windows.map((id) => profileOf(lab.primary, id))), 50);
      try {
        await Promise.all(windows.map((id) => monitor.connect(id)));
        const counted = new Set<number | null | undefined>();
        const end = Date.now() + 5000;
        while (Date.now() < end) {
          counted.add(await idleInTransaction());
          await sleep(5);
          void monitor.refresh('a');
        }
        assert.deepEqual([...counted], [0]);
      } finally {
        await monitor.close();
      }
    });

    it('are counted like any other when they stay in a transaction, as those of an editor that hangs would', async () => {
      const hung = await lab.primary.connect({ applicationName: 'db-ops-panel' });
      try {
        await hung.query('BEGIN');
        assert.equal(await idleInTransaction(), 0);
        await sleep(5500);
        assert.equal(await idleInTransaction(), 1);
      } finally {
        await hung.end();
      }
    });
  });
}
