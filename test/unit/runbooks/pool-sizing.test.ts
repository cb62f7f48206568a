import assert from 'node:assert/strict';
import type { ApplicationPool } from '../../../src/core/pool/application-pool';
import type { KnownPool, KnownPools } from '../../../src/core/pool/known-pools';
import { mostByRule } from '../../../src/core/pool/sizing';
import { allGood } from '../../../src/core/runbooks/measures';
import { sizePools, type PoolPeak } from '../../../src/core/runbooks/pool-sizing/pool-sizes';
import {
  poolSizingMeasures,
  poolSizingVerdict,
  type PoolSizingEvidence,
} from '../../../src/core/runbooks/pool-sizing/pool-sizing-verdict';

const timer = { count: null, totalS: null, maxS: null };
const pool = (changes: Partial<ApplicationPool> = {}): ApplicationPool => ({
  name: 'main',
  active: 2,
  idle: 8,
  pending: 0,
  max: 10,
  min: 5,
  total: 10,
  timeouts: 0,
  acquire: timer,
  usage: timer,
  creation: timer,
  ...changes,
});
const known = (
  name: string,
  one: ApplicationPool | undefined,
  instances = 2,
  more: Partial<KnownPool> = {},
): KnownPool => ({
  application: { name, instances, behindPooler: false },
  pool: one,
  past: { recentTimeouts: 0, leak: { kind: 'none' } },
  ...more,
});
const peak = (active: number, pending = 0, days = 60, hours = 400): PoolPeak => ({ active, pending, days, hours });
const evidenceOf = (
  pools: readonly KnownPool[],
  peaks: readonly (PoolPeak | null)[],
  usable = 97,
): PoolSizingEvidence => {
  const all: KnownPools = { pools, poolers: [], others: 0 };
  const sized = sizePools(pools, [], (one) => peaks[pools.indexOf(one)] ?? null, usable);
  return { known: all, usable, sized, peak: null };
};
const causesOf = (evidence: PoolSizingEvidence): readonly string[] => {
  const { main, others } = poolSizingVerdict(evidence);
  return [main, ...others].map(({ cause }) => cause);
};
const advised = ({ sized }: PoolSizingEvidence): readonly (number | null)[] => sized.sizes.map((size) => size.advised);

describe('the review of the pools', () => {
  it('gives each pool its highest use and a quarter, never without having watched it', () => {
    const use = (max: number, one: PoolPeak | null): number | null =>
      advised(evidenceOf([known('api', pool({ max }))], [one]))[0] ?? null;
    assert.equal(use(20, peak(4)), 5);
    assert.equal(use(20, peak(0)), 2);
    assert.equal(use(10, peak(8)), 10);
    assert.equal(use(10, peak(9)), 10, 'not larger than it is while nobody waited');
    assert.equal(use(10, peak(10, 3)), 13);
    assert.equal(use(20, peak(4, 0, 5)), null, 'five days');
    assert.equal(use(20, peak(4, 0, 60, 5)), null, 'five hours of two months');
    assert.equal(use(20, null), null);
  });

  it('keeps the sum of advised sizes below the rule', () => {
    const pools = [known('api', pool({ max: 30 }), 4), known('reports', pool({ max: 20 }), 1)];
    const evidence = evidenceOf(pools, [peak(28), null]);
    assert.deepEqual(causesOf(evidence).slice(0, 1), ['over-rule']);
    assert.ok((evidence.sized.advisedSum ?? 1e9) <= mostByRule(97), String(evidence.sized.advisedSum));
    assert.match(evidence.sized.sizes[1]!.why, /was not kept yet; made smaller/);
    const poolers = [{ name: 'pgbouncer', max: 70, instances: 1, behindPooler: false }];
    const behind = known('api', pool({ max: 200 }), 4, {
      application: { name: 'api', instances: 4, behindPooler: true },
    });
    const beside = sizePools([behind, known('job', pool({ max: 10 }), 1)], poolers, () => null, 97);
    assert.equal(beside.budget, 7);
    assert.deepEqual(
      beside.sizes.map(({ advised: size }) => size),
      [null, 7],
      'behind the pooler nothing is counted',
    );
  });

  it('puts an incident before a review, and an unknown before a "good"', () => {
    const calm = evidenceOf([known('api', pool())], [peak(8)]);
    assert.deepEqual(causesOf(calm), ['none']);
    assert.ok(allGood(poolSizingMeasures(calm)));
    const waiting = evidenceOf([known('api', pool({ pending: 3, active: 10 }))], [peak(10, 3)]);
    assert.deepEqual(causesOf(waiting), ['waiting', 'too-small']);
    const leak = { recentTimeouts: 0, leak: { kind: 'held', connections: 3, windowMs: 600_000 } as const };
    assert.deepEqual(causesOf(evidenceOf([known('api', pool(), 2, { past: leak })], [peak(8)])), ['leak']);
    const silent = evidenceOf([known('api', undefined)], []);
    assert.deepEqual(causesOf(silent), ['unreadable']);
    assert.ok(!allGood(poolSizingMeasures(silent)));
    assert.deepEqual(causesOf({ ...calm, known: undefined }), ['none-attached']);
    assert.ok(!allGood(poolSizingMeasures({ ...calm, known: undefined })));
    assert.deepEqual(causesOf(evidenceOf([known('api', pool({ max: 20 }))], [peak(4)])), ['too-large']);
    assert.deepEqual(causesOf(evidenceOf([known('api', pool({ max: 20 }))], [peak(4, 0, 3)])), ['too-young']);
    assert.match(poolSizingVerdict(evidenceOf([known('api', pool())], [null])).main.headline, /is not known/);
  });
});
