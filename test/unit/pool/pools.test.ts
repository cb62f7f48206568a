import assert from 'node:assert/strict';
import type { ApplicationPool } from '../../../src/core/pool/application-pool';
import { evaluatePool } from '../../../src/core/pool/pool-evaluation';
import { PoolHistory } from '../../../src/core/pool/pool-history';
import { evaluateSizing, sizingOf, type SizingTerm } from '../../../src/core/pool/sizing';

const noTimer = { count: null, totalS: null, maxS: null };
const minute = 60_000;

function pool(values: Partial<ApplicationPool>): ApplicationPool {
  return {
    name: 'p',
    active: 0,
    idle: 2,
    pending: 0,
    max: 10,
    min: 2,
    total: 2,
    timeouts: 0,
    acquire: noTimer,
    usage: noTimer,
    creation: noTimer,
    ...values,
  };
}

describe('a pool', () => {
  const quiet = { recentTimeouts: 0, leak: { kind: 'none' } as const };
  const cases: [string, Partial<ApplicationPool>, string, string][] = [
    ['at 80 % is not yet a warning', { active: 8 }, 'ok', '8/10'],
    ['above 80 % is one', { active: 9 }, 'warning', '9/10'],
    ['full without anyone waiting is a warning', { active: 10, idle: 0 }, 'warning', '10/10'],
    ['that may still grow while one waits is a warning', { active: 5, pending: 1 }, 'warning', '5/10 · 1 pending'],
    ['full with one waiting is critical', { active: 10, pending: 1, idle: 0 }, 'critical', '10/10 · 1 pending'],
    ['without its maximum is unknown', { active: 3, max: null }, 'unknown', '3/?'],
    ['without its waiting threads is unknown', { pending: null }, 'unknown', '0/10'],
    ['with a maximum of 0 is unknown', { max: 0 }, 'unknown', '0/0'],
  ];
  for (const [what, values, severity, summary] of cases) {
    it(what, () => {
      const evaluation = evaluatePool(pool(values), quiet);
      assert.deepEqual([evaluation.severity, evaluation.summary], [severity, summary]);
    });
  }

  it('is critical for any time-out of the last minutes, though it is idle now', () => {
    const evaluation = evaluatePool(pool({ timeouts: 40 }), { ...quiet, recentTimeouts: 1 });
    assert.deepEqual([evaluation.severity, evaluation.summary], ['critical', '0/10 · 1 timeout']);
  });
});

describe('the last minutes of a pool', () => {
  it('count time-outs by difference, and forget them after five minutes', () => {
    const history = new PoolHistory();
    history.add(pool({ timeouts: 100 }), 0);
    assert.equal(history.recentTimeouts, null);
    history.add(pool({ timeouts: 100 }), minute);
    assert.equal(history.recentTimeouts, 0);
    history.add(pool({ timeouts: 103 }), 2 * minute);
    assert.equal(history.recentTimeouts, 3);
    history.add(pool({ timeouts: 103 }), 7 * minute);
    assert.equal(history.recentTimeouts, 3);
    history.add(pool({ timeouts: 103 }), 7 * minute + 1);
    assert.equal(history.recentTimeouts, 0);
  });

  it('are not those of the night in which nobody looked', () => {
    const history = new PoolHistory();
    history.add(pool({ timeouts: 100 }), 0);
    history.add(pool({ timeouts: 100 }), minute);
    history.add(pool({ timeouts: 140 }), 8 * 60 * minute);
    assert.equal(history.recentTimeouts, null);
    history.add(pool({ timeouts: 141 }), 8 * 60 * minute + 5000);
    assert.equal(history.recentTimeouts, 1);
  });

  it('make nothing of a counter that fell, and of one that is not exposed', () => {
    const history = new PoolHistory();
    history.add(pool({ timeouts: 100 }), 0);
    history.add(pool({ timeouts: 2 }), 5000);
    assert.deepEqual([history.recentTimeouts, history.restarted], [0, 5000]);
    history.add(pool({ timeouts: null }), 10_000);
    assert.equal(history.recentTimeouts, null);
  });

  const watched = (actives: readonly number[], returned?: (i: number) => number): PoolHistory => {
    const history = new PoolHistory();
    actives.forEach((active, i) => {
      const usage = { ...noTimer, count: returned ? returned(i) : null };
      history.add(pool({ active, usage }), i * minute);
    });
    return history;
  };

  it('suspect a leak when connections are out and none comes back', () => {
    assert.deepEqual(watched([3, 4, 4, 3, 3, 3, 3, 3, 3, 3], () => 17).leak, {
      kind: 'held',
      connections: 3,
      windowMs: 9 * minute,
    });
    assert.equal(watched([3, 4, 4, 3, 3, 3, 3, 3, 3, 3], (i) => i).leak.kind, 'none');
  });

  it('suspect a leak when the lowest number in use rises and rises', () => {
    assert.deepEqual(watched([1, 5, 2, 3, 9, 4, 6, 5, 9]).leak, { kind: 'unknown' });
    assert.deepEqual(watched([1, 5, 2, 3, 9, 4, 6, 5, 9, 9]).leak, {
      kind: 'rising',
      from: 1,
      to: 5,
      windowMs: 9 * minute,
    });
    assert.equal(watched([4, 4, 4, 4, 4, 4, 4, 4, 4, 4]).leak.kind, 'none');
    assert.equal(watched([1, 5, 2, 3, 9, 4, 6, 0, 9, 9]).leak.kind, 'none');
  });

  it('begin anew when the clock is set back', () => {
    const history = watched([3, 3, 3, 3, 3, 3, 3, 3, 3, 3], () => 1);
    history.add(pool({ active: 3 }), 0);
    assert.equal(history.leak.kind, 'unknown');
  });
});

describe('the sizing rule', () => {
  const term = (name: string, max: number | null, instances: number, behindPooler = false): SizingTerm => ({
    name,
    max,
    instances,
    behindPooler,
  });
  const told = (terms: readonly SizingTerm[], usable: number | null, others: number | null = 0): string => {
    const { severity, summary } = evaluateSizing(sizingOf(terms, usable, others));
    return `${severity}: ${summary}`;
  };
  const cases: [string, string, string][] = [
    ['77 of 97 are less than 77.6', told([term('a', 7, 11)], 97), 'ok: 77 of 97 slots'],
    ['78 are not', told([term('a', 20, 3), term('b', 18, 1)], 97), 'warning: 78 of 97 slots · above 80 %'],
    ['80 of 100 are not less than 80', told([term('a', 20, 4)], 100), 'warning: 80 of 100 slots · above 80 %'],
    ['more than all is critical', told([term('a', 20, 5)], 97), 'critical: 100 of 97 slots · too many'],
    ['with others it may be too', told([term('a', 20, 3)], 97, 38), 'critical: 60 of 97 slots · too many'],
    [
      'behind a pooler they take none',
      told([term('a', 200, 5, true), term('pgbouncer', 20, 1)], 97),
      'ok: 20 of 97 slots',
    ],
    ['an unknown maximum is not 0', told([term('a', null, 3), term('b', 5, 1)], 97), 'unknown: ≥ 5 of 97 slots'],
    ['unknown slots are not infinite', told([term('a', 5, 3)], null), 'unknown: pools may take 15'],
  ];
  for (const [what, actual, expected] of cases) it(what, () => assert.equal(actual, expected));

  it('is shown with its terms', () => {
    const { lines } = evaluateSizing(sizingOf([term('shop', 20, 3), term('reports', 5, 2)], 97, 4));
    assert.deepEqual(lines, [
      'shop: 20 × 3.',
      'reports: 5 × 2.',
      'Together 70 of 97 usable slots (72 %); the rule wants less than 77.6 (80 %).',
      'Others hold 4 now: 74 of 97 when all pools are full.',
    ]);
  });
});
