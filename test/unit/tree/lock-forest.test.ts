import assert from 'node:assert/strict';
import type { LockSession, LockState } from '../../../src/core/health/blocking';
import { lockForest, type LockPlace } from '../../../src/vscode/tree/lock-forest';
import { lockState } from './lock-state';

/** The drawn graph as nested lists; a repeated place is marked. */
function drawn(state: LockState): unknown {
  const draw = (place: LockPlace): unknown =>
    place.repeated ? `${place.session.pid} again` : [place.session.pid, ...place.children.map(draw)];
  return lockForest(state).roots.map(draw);
}

describe('drawing the blocking graph', () => {
  it('draws a queue as one branch, though each waits for all before it', () => {
    const state = lockState({ 1: [], 2: [1], 3: [1, 2], 4: [1, 2, 3] });
    assert.deepEqual(drawn(state), [[1, [2, [3, [4]]]]]);
  });

  it('keeps both blockers of one session in different branches, in full at the first alone', () => {
    const state = lockState({ 1: [], 2: [], 3: [1, 2], 4: [3] });
    assert.deepEqual(drawn(state), [
      [1, [3, [4]]],
      [2, '3 again'],
    ]);
  });

  it('does not lose a root that blocks beside a longer branch', () => {
    const state = lockState({ 1: [], 2: [1], 9: [], 3: [2, 9] });
    assert.deepEqual(drawn(state), [
      [1, [2, [3]]],
      [9, '3 again'],
    ]);
  });

  it('ends a deadlock at its second appearance', () => {
    const state = { ...lockState({ 1: [2], 2: [1] }), roots: [1] };
    assert.deepEqual(drawn(state), [[1, [2, '1 again']]]);
  });

  it('cuts what is wide and what is deep, and counts what is left', () => {
    const wide = lockState(Object.fromEntries([...Array(101).keys()].map((n) => [n + 1, n === 0 ? [] : [1]])));
    const [root] = lockForest(wide).roots;
    assert.equal(root!.children.length + root!.left, 100);
    assert.equal(root!.left, 75);
    const deep = lockState(Object.fromEntries([...Array(300).keys()].map((n) => [n + 1, n === 0 ? [] : [n]])));
    let place = lockForest(deep).roots[0]!;
    let depth = 1;
    while (place.children[0]) {
      place = place.children[0];
      depth++;
    }
    assert.deepEqual([depth, place.left], [8, 292]);
  });

  it('is quick with 500 waiters that each wait for all before them', () => {
    const state = lockState(
      Object.fromEntries([...Array(500).keys()].map((n) => [n + 1, [...Array(n).keys()].map((m) => m + 1)])),
    );
    const sessions: readonly LockSession[] = [...state.sessions.values()];
    assert.equal(sessions.length, 500);
    const began = performance.now();
    lockForest(state);
    // A cubic algorithm takes minutes; this is no measurement of speed.
    assert.ok(performance.now() - began < 5000);
  });
});
