import assert from 'node:assert/strict';
import type { LockRow } from '../../../src/core/health/blocking';
import { buildLockState } from '../../../src/core/health/blocking-graph';
import { lockVerdict, type LockVerdict } from '../../../src/core/runbooks/lock-contention/lock-verdict';

interface Given {
  readonly pid: number;
  readonly by?: readonly number[];
  readonly state?: string | null;
  readonly query?: string;
  readonly gids?: readonly string[];
}

function verdict(given: readonly Given[], limited = false): LockVerdict {
  const waiting = given.filter((session) => session.by).length;
  const rows = given.map((session): LockRow => ({
    session: {
      pid: session.pid,
      backendStart: '2026-01-01 00:00:00.000001+00',
      backendType: 'client backend',
      database: 'shop',
      user: 'app',
      application: 'orders-api',
      clientAddress: '10.0.0.1',
      state: session.state === undefined ? (session.by ? 'active' : 'idle in transaction') : session.state,
      waitEvent: null,
      transactionAgeS: 94,
      queryAgeS: 93,
      stateAgeS: 94,
      waitingS: session.by ? 60 : null,
      waits: session.by !== undefined,
      query: session.query ?? 'UPDATE orders SET n = 1',
      blockedBy: session.by ?? [],
    },
    waiting,
    limited,
    preparedTransactions: session.gids ?? [],
  }));
  return lockVerdict(buildLockState(rows, limited));
}

describe('the verdict on lock contention', () => {
  it('names the root that is idle in transaction, how many it holds up, and goes to terminate', () => {
    const result = verdict([{ pid: 1 }, { pid: 2, by: [1] }, { pid: 3, by: [2] }]);
    assert.match(
      result.headline,
      /^Session 1 \(orders-api, role app, 10\.0\.0\.1\) holds up 2 sessions: it is idle in transaction for 94 s/,
    );
    assert.deepEqual([result.recommended?.pid, result.recommended?.action], [1, 'terminate']);
  });

  it('cancels an active root first', () => {
    const result = verdict([
      { pid: 1, state: 'active' },
      { pid: 2, by: [1] },
    ]);
    assert.deepEqual([result.recommended?.pid, result.recommended?.action], [1, 'cancel']);
  });

  it('cancels the DDL queued behind readers, which frees everyone', () => {
    const alter = 'ALTER TABLE orders ADD COLUMN note text';
    const result = verdict([
      { pid: 1, state: 'active', query: 'SELECT 1' },
      { pid: 2, query: 'SELECT 2' },
      { pid: 3, by: [1, 2], query: alter },
      { pid: 4, by: [3] },
      { pid: 5, by: [3] },
    ]);
    assert.match(result.headline, /^Session 3 \(ALTER TABLE orders\) queues behind 1, 2 and holds up 2 sessions/);
    assert.deepEqual([result.recommended?.pid, result.recommended?.action], [3, 'cancel']);
  });

  it('leaves the DDL alone when cancelling it frees not everyone', () => {
    const result = verdict([
      { pid: 1 },
      { pid: 2, by: [1], query: 'ALTER TABLE orders ADD COLUMN note text' },
      { pid: 3, by: [2] },
      { pid: 4, by: [1] },
    ]);
    assert.equal(result.recommended?.pid, 1);
  });

  it('explains a prepared transaction and offers no click', () => {
    const result = verdict([
      { pid: 0, state: null, gids: ["it's"] },
      { pid: 2, by: [0] },
    ]);
    assert.match(result.headline, /prepared transaction holds up 1 session/);
    assert.match(result.lines[0] ?? '', /"it's"/);
    assert.equal(result.recommended, undefined);
  });

  it('offers nothing on what it cannot see', () => {
    const result = verdict(
      [
        { pid: 1, state: null },
        { pid: 2, by: [1], state: null },
      ],
      true,
    );
    assert.equal(result.recommended, undefined);
    assert.match(result.lines.join(' '), /Limited view/);
  });

  it('leaves a deadlock to the server', () => {
    const result = verdict([
      { pid: 1, by: [2] },
      { pid: 2, by: [1] },
    ]);
    assert.match(result.headline, /^Sessions 1, 2 wait for each other: a deadlock/);
    assert.equal(result.recommended, undefined);
  });

  it('says when nobody waits, and when there are more roots', () => {
    assert.equal(verdict([]).headline, 'Nobody waits for a lock now.');
    assert.match(
      verdict([{ pid: 1 }, { pid: 2, by: [1] }, { pid: 7 }, { pid: 8, by: [7] }]).lines.join(' '),
      /There is 1 more root: 7/,
    );
  });
});
