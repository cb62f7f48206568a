import assert from 'node:assert/strict';
import type { LockState } from '../../../src/core/health/blocking';
import { evaluateLocks } from '../../../src/core/health/blocking-evaluation';
import { buildLockState } from '../../../src/core/health/blocking-graph';
import { lockRow, lockRows } from './lock-rows';

function edges(state: LockState): string[] {
  return [...state.sessions.values()].flatMap(({ pid, blockedBy }) => blockedBy.map((by) => `${pid}<${by}`)).sort();
}

describe('the blocking graph', () => {
  it('has nobody in it when nobody waits', () => {
    const state = buildLockState([], false);
    assert.deepEqual([state.waiting, state.roots, state.longestWaitS], [0, [], null]);
    assert.equal(evaluateLocks(state).severity, 'ok');
  });

  it('has 2 edges for a row lock that two others want', () => {
    const state = buildLockState(lockRows(lockRow(1), lockRow(2, [1]), lockRow(3, [1])), false);
    assert.deepEqual(edges(state), ['2<1', '3<1']);
    assert.deepEqual(state.roots, [1]);
    assert.deepEqual(state.sessions.get(1)?.blocks, [2, 3]);
    assert.equal(state.sessions.get(1)?.holdsUp, 2);
  });

  it('has 4 edges for an ALTER behind 2 readers with 2 behind it', () => {
    const state = buildLockState(
      lockRows(lockRow(1), lockRow(2), lockRow(9, [2, 1]), lockRow(3, [9]), lockRow(4, [9])),
      false,
    );
    assert.deepEqual(edges(state), ['3<9', '4<9', '9<1', '9<2']);
    assert.deepEqual(state.roots, [1, 2]);
    assert.equal(state.sessions.get(9)?.holdsUp, 2);
    assert.equal(state.sessions.get(1)?.holdsUp, 3);
  });

  it('counts each session once where DDL waits for all of a chain', () => {
    const state = buildLockState(
      lockRows(lockRow(1), lockRow(2, [1]), lockRow(3, [2]), lockRow(4, [3, 2, 1, 1])),
      false,
    );
    assert.deepEqual(state.sessions.get(4)?.blockedBy, [3, 2, 1]);
    assert.deepEqual(
      [1, 2, 3, 4].map((pid) => state.sessions.get(pid)?.holdsUp),
      [3, 2, 1, 0],
    );
  });

  it('puts the root that holds up most first', () => {
    const state = buildLockState(
      lockRows(lockRow(7), lockRow(8, [7]), lockRow(1), lockRow(2, [1]), lockRow(3, [2])),
      false,
    );
    assert.deepEqual(state.roots, [1, 7]);
  });

  it('ends at cycles: their members are roots, those behind them are not', () => {
    const state = buildLockState(lockRows(lockRow(1, [2]), lockRow(2, [1]), lockRow(3, [2])), false);
    assert.deepEqual([...state.roots].sort(), [1, 2]);
    assert.equal(state.sessions.get(1)?.holdsUp, 2);
    assert.equal(state.sessions.get(2)?.holdsUp, 2);
    assert.equal(state.sessions.get(3)?.holdsUp, 0);
    const two = buildLockState(lockRows(lockRow(1, [2]), lockRow(2, [1]), lockRow(3, [2, 4]), lockRow(4, [3])), false);
    assert.deepEqual([...two.roots].sort(), [1, 2], 'a cycle below a cycle is no root');
    const below = buildLockState(lockRows(lockRow(9), lockRow(1, [2, 9]), lockRow(2, [1])), false);
    assert.deepEqual(below.roots, [9]);
  });

  it('shows prepared transactions as pid 0', () => {
    const zero = {
      ...lockRow(0, undefined, { backendStart: null, state: null, user: null }),
      preparedTransactions: ['order-17'],
    };
    const state = buildLockState(lockRows(zero, lockRow(5, [0])), false);
    assert.deepEqual(state.roots, [0]);
    assert.deepEqual(state.sessions.get(0)?.preparedTransactions, ['order-17']);
    assert.match(evaluateLocks(state).summary, /root prepared transaction order-17/);
  });

  it('leaves out a blocker that ended while the server looked', () => {
    const state = buildLockState(lockRows(lockRow(2, [1])), false);
    assert.deepEqual(edges(state), []);
    assert.deepEqual(state.roots, []);
    assert.equal(state.waiting, 1);
  });

  it('follows 500 sessions that all wait for all before them', () => {
    const rows = Array.from({ length: 500 }, (_, at) =>
      at === 0
        ? lockRow(1)
        : lockRow(
            at + 1,
            Array.from({ length: at }, (__, before) => before + 1),
          ),
    );
    const state = buildLockState(lockRows(...rows), false);
    assert.equal(state.sessions.get(1)?.holdsUp, 499);
    assert.equal(state.sessions.get(250)?.holdsUp, 250);
  });
});

describe('what the blocking graph means', () => {
  const graph = (waitingS: number | null, queryAgeS: number | null = 90): LockState =>
    buildLockState(lockRows(lockRow(4242), lockRow(2, [4242], { waitingS, queryAgeS })), false);

  it('grows worse with the wait, above the thresholds', () => {
    const severities = [0, 5, 5.1, 30, 30.1].map((wait) => evaluateLocks(graph(wait)).severity);
    assert.deepEqual(severities, ['ok', 'ok', 'warning', 'warning', 'critical']);
  });

  it('says it in a few words', () => {
    assert.equal(evaluateLocks(graph(94)).summary, '1 blocked · 94 s · root 4242 idle in tx');
  });

  it('takes the age of the statement where the server does not tell since when it waits', () => {
    const evaluation = evaluateLocks(graph(null, 90));
    assert.equal(evaluation.severity, 'critical');
    assert.match(evaluation.summary, /90 s/);
    assert.equal(evaluateLocks(graph(null, null)).severity, 'warning', 'waiting for an unknown time is not good');
  });

  it('says that a role does not see everything', () => {
    const hidden = { state: null, query: null, queryAgeS: null, transactionAgeS: null, stateAgeS: null };
    const rows = lockRows(lockRow(1, undefined, hidden), lockRow(2, [1], { ...hidden, waitingS: 3 }));
    const evaluation = evaluateLocks(
      buildLockState(
        rows.map((row) => ({ ...row, limited: true })),
        false,
      ),
    );
    assert.equal(evaluation.severity, 'unknown');
    assert.equal(evaluation.summary, '1 blocked · 3 s · root 1 state unknown · limited view');
    assert.match(evaluateLocks(buildLockState([], true)).summary, /limited view/);
  });
});
