import assert from 'node:assert/strict';
import type { ConnectionProfile } from '../../../src/core/connection/profile';
import { PoolerWatch } from '../../../src/core/pooler/pooler-watch';
import { DatabaseError, type DatabaseErrorReason } from '../../../src/core/ports/database-error';
import { FakeClock } from '../../database/support/fake-clock';

const profile: ConnectionProfile = { id: 'p', name: 'bouncer', environment: 'production', readOnly: true, target: {} };

describe('a pooler that is away', () => {
  const told = async (reason: DatabaseErrorReason): Promise<string[]> => {
    let changed = (): void => undefined;
    const read = new Promise<void>((resolve) => (changed = resolve));
    const watch = new PoolerWatch(profile, {
      clock: new FakeClock(),
      opener: { open: () => Promise.reject(new DatabaseError(reason, 'It is so.')) },
      intervalMs: () => 5000,
      mayPoll: () => true,
      thresholds: () => ({ waitS: { warning: 0, critical: 5 } }),
      changed: () => changed(),
    });
    await read;
    const found = watch.findings().map(({ severity, words }) => `${severity} ${words}`);
    watch.dispose();
    return found;
  };

  it('is critical when nothing listens there, and unknown when it only refuses or does not answer us', async () => {
    assert.deepEqual(await told('connection-refused'), ['critical bouncer is DOWN']);
    assert.deepEqual(await told('password-wrong'), ['unknown bouncer not readable']);
    assert.deepEqual(await told('timeout'), ['unknown bouncer not readable']);
  });
});
