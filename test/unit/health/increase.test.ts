import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Samples } from '../../../src/core/health/check';
import { increases, type Counter } from '../../../src/core/health/increase';

const samples = (...rows: (readonly Counter[])[]): Samples<Counter> => {
  const all = rows.map((row, index) => ({ at: index * 60_000, rows: row }));
  const now = all.at(-1);
  assert.ok(now);
  return { now, earlier: all.slice(0, -1) };
};
const shop = (value: number, reset: string | null = null): Counter => ({ subject: 'shop', value, reset });
const grown = (...rows: (readonly Counter[])[]): number | undefined =>
  increases(samples(...rows), (row) => row).get('shop')?.by;

describe('the growth of a counter', () => {
  it('is not known at first sight, and 0 when nothing was added', () => {
    assert.equal(grown([shop(7)]), undefined);
    assert.equal(grown([shop(7)], [shop(7)]), 0);
    assert.equal(grown([shop(7)], [shop(9)], [shop(12)]), 5);
  });

  it('counts on after a reset, whether the server tells of it or not', () => {
    assert.equal(grown([shop(7, 'a')], [shop(2, 'b')]), 2);
    assert.equal(grown([shop(7, 'a')], [shop(9, 'b')]), 9, 'a reset that the value alone would hide');
    // An immediate stop: the counter falls and stats_reset stays NULL.
    assert.equal(grown([shop(47)], [shop(1)]), 1);
  });

  it('begins anew with a subject that was away', () => {
    assert.equal(grown([shop(7)], [], [shop(9)]), undefined);
    const found = increases(samples([shop(7)], [], [shop(9)], [shop(10)]), (row) => row).get('shop');
    assert.deepEqual(found, { by: 1, overMs: 60_000 });
  });

  it('is never negative, whatever the counters do', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(100), fc.constantFrom(null, 'a', 'b')), { minLength: 2, maxLength: 20 }),
        (steps) => (grown(...steps.map(([value, reset]) => [shop(value, reset)])) ?? -1) >= 0,
      ),
    );
  });
});
