import assert from 'node:assert/strict';
import type { StandbyState } from '../../../src/core/health/replication';
import { cheatSheet } from '../../../src/core/runbooks/cheat-sheet/cheat-sheet';
import { cheatSheetVerdict, type CheatSheetEvidence } from '../../../src/core/runbooks/cheat-sheet/cheat-sheet-verdict';
import type { RunbookTools } from '../../../src/core/runbooks/registry';

const calm: CheatSheetEvidence = {
  sessions: {
    used: 10,
    active: 1,
    idle: 9,
    idleInTransaction: 0,
    idleInTransactionAborted: 0,
    lockWaiters: 0,
    oldestTransactionS: null,
    oldestQueryS: null,
    oldestIdleInTransactionS: null,
    usable: 97,
    maxConnections: 100,
    limited: false,
  },
  long: [],
  replication: { role: 'primary', standbys: [], limited: false },
  locks: { sessions: new Map(), roots: [], waiting: 0, longestWaitS: null, truncated: false, limited: false },
};
const standby: StandbyState = {
  key: 'r',
  name: 'replica',
  clientAddress: null,
  slotName: 'r',
  state: 'streaming',
  syncState: null,
  pendingBytes: 0,
  networkBytes: 0,
  applyBytes: 0,
  totalBytes: 0,
  lagSeconds: 0,
  replyAgeS: 0,
};
const long = {
  pid: 7,
  backendStart: '',
  user: null,
  database: null,
  application: '',
  waits: 'Lock: tuple',
  ageS: 45,
  transactionS: 45,
  query: 'SELECT 1',
};
const causesOf = (changes: Partial<CheatSheetEvidence>): readonly string[] => {
  const { main, others } = cheatSheetVerdict({ ...calm, ...changes });
  return [main, ...others].map(({ cause }) => cause);
};
const primary = (one: StandbyState): CheatSheetEvidence['replication'] => ({
  ...calm.replication,
  role: 'primary',
  standbys: [one],
});

describe('the cheat sheet', () => {
  it('has the order of the immediate actions, and never calls hidden good', () => {
    assert.deepEqual(causesOf({}), ['none']);
    assert.deepEqual(causesOf({ sessions: { ...calm.sessions, limited: true } }), ['hidden']);
    assert.deepEqual(
      causesOf({
        sessions: { ...calm.sessions, used: 90 },
        long: [long],
        locks: { ...calm.locks, waiting: 2, roots: [7] },
        replication: primary({ ...standby, totalBytes: 64 * 1024 ** 2 }),
      }),
      ['full', 'lag', 'locks', 'long-queries'],
    );
    assert.deepEqual(causesOf({ replication: primary({ ...standby, state: 'disconnected', totalBytes: null }) }), [
      'disconnected',
    ]);
    assert.deepEqual(causesOf({ replication: primary({ ...standby, totalBytes: 1000 }) }), ['none']);
  });

  it('shows the cells that were chosen, and the kill beside what it kills', () => {
    const { steps } = cheatSheet({} as RunbookTools);
    const shown = (value: string): string =>
      steps
        .filter((step) => step.shown?.({ part: { value, label: '' } }) !== false)
        .map(({ id }) => id)
        .join(' ');
    assert.equal(shown('everything'), 'why pools queries lag locks sizes verdict kill verify');
    assert.equal(shown('sizes'), 'why sizes verdict verify');
    assert.equal(shown('locks'), 'why locks verdict kill verify');
    assert.equal(shown('kill'), 'why queries locks verdict kill verify');
  });
});
