import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defaultPolicy } from '../../../src/core/alerts/alert-policy';
import { stepAlert, type AlertChange, type AlertState } from '../../../src/core/alerts/alert-state';
import type { FindingSeverity, Threshold, Unit } from '../../../src/core/health/signal';
import { standardLimits, type StandardLimit } from '../../../src/core/health/standard-limits';

const policy = { ...defaultPolicy, warningForMs: 60_000, criticalForMs: 10_000, clearForMs: 30_000, margin: 0.1 };
const above: Threshold = { warning: 0.8, critical: 0.95, direction: 'above' };

type Seen = readonly [atS: number, severity: FindingSeverity, value?: number];

/** The changes, each with the second in which it came. */
function run(seen: readonly Seen[], threshold: Threshold | null = null, unit?: Unit): string[] {
  const changes: string[] = [];
  let state: AlertState | undefined;
  for (const [atS, severity, value = null] of seen) {
    const step = stepAlert(state, { severity, value, threshold, ...(unit && { unit }) }, policy, atS * 1000);
    state = step.state;
    if (step.change) changes.push(`${atS} ${step.change} ${state.firing ?? ''}`.trim());
  }
  return changes;
}

/** The same every five seconds, both ends included. */
function every(from: number, to: number, severity: FindingSeverity, value?: number): Seen[] {
  const seen: Seen[] = [];
  for (let at = from; at <= to; at += 5) seen.push(value === undefined ? [at, severity] : [at, severity, value]);
  return seen;
}

describe('an alert', () => {
  it('opens when a warning has lasted, not before', () => {
    assert.deepEqual(run(every(0, 55, 'warning')), []);
    assert.deepEqual(run(every(0, 65, 'warning')), ['60 opened warning']);
    assert.deepEqual(run([...every(0, 55, 'warning'), [57, 'ok'], ...every(60, 115, 'warning')]), []);
  });

  it('opens sooner for what is critical, and a warning before counts for the warning alone', () => {
    assert.deepEqual(run(every(0, 10, 'critical')), ['10 opened critical']);
    assert.deepEqual(run([...every(0, 30, 'warning'), ...every(35, 45, 'critical')]), ['45 opened critical']);
    const mixed: Seen[] = every(0, 60, 'warning').map(([at], i) => [at, i % 2 === 0 ? 'critical' : 'warning']);
    assert.deepEqual(run(mixed), ['60 opened warning']);
  });

  it('worsens, improves and ends', () => {
    assert.deepEqual(
      run([
        ...every(0, 60, 'warning'),
        ...every(65, 75, 'critical'),
        ...every(80, 110, 'warning'),
        ...every(115, 145, 'ok'),
      ]),
      ['60 opened warning', '75 worsened critical', '110 improved warning', '145 cleared'],
    );
    assert.deepEqual(run([...every(0, 10, 'critical'), ...every(15, 45, 'ok')]), ['10 opened critical', '45 cleared']);
  });

  it('a hint is no trouble', () => assert.deepEqual(run(every(0, 600, 'hint')), []));

  it('does not end because nobody can say', () => {
    assert.deepEqual(run([...every(0, 10, 'critical'), ...every(15, 6000, 'unknown')]), ['10 opened critical']);
    assert.deepEqual(
      run([...every(0, 10, 'critical'), [15, 'ok'], ...every(20, 60, 'unknown'), ...every(65, 95, 'ok')]),
      ['10 opened critical', '95 cleared'],
    );
  });

  it('does not open by what was not seen in between', () => {
    assert.deepEqual(
      run([
        [0, 'critical'],
        [5, 'unknown'],
        [12, 'critical'],
      ]),
      [],
    );
    assert.deepEqual(
      run([
        [0, 'critical'],
        [100, 'critical'],
        [105, 'critical'],
      ]),
      [],
    );
    assert.deepEqual(
      run([
        [0, 'critical'],
        [3600, 'critical'],
        [3605, 'critical'],
        [3610, 'critical'],
      ]),
      ['3610 opened critical'],
    );
    assert.deepEqual(
      run([
        [1000, 'warning'],
        [5, 'warning'],
        [60, 'warning'],
      ]),
      [],
    );
  });

  it('does not flap around its level', () => {
    const around: Seen[] = [...every(0, 60, 'warning', 0.81), ...every(65, 200, 'ok', 0.79)];
    assert.deepEqual(run(around, above), ['60 opened warning']);
    assert.deepEqual(run([...around, ...every(205, 240, 'ok', 0.72)], above), ['60 opened warning', '235 cleared']);
    const critical: Seen[] = [...every(0, 10, 'critical', 0.96), ...every(15, 100, 'warning', 0.9)];
    assert.deepEqual(run(critical, above), ['10 opened critical']);
    const below: Threshold = { warning: 98, critical: 90, direction: 'below' };
    assert.deepEqual(run([...every(0, 60, 'warning', 97), ...every(65, 200, 'ok', 99)], below), ['60 opened warning']);
    const none: Threshold = { warning: 0, critical: 0, direction: 'above' };
    assert.deepEqual(run([...every(0, 10, 'critical', 1), ...every(15, 45, 'ok', 0)], none), [
      '10 opened critical',
      '45 cleared',
    ]);
  });

  it('for another reason than its number ends with the reason, however near to its level the number is', () => {
    const pool: Threshold = { warning: 0.8, critical: 1, direction: 'above' };
    const waiting = every(0, 10, 'critical', 0.95);
    assert.deepEqual(run([...waiting, ...every(15, 45, 'warning', 0.95)], pool), [
      '10 opened critical',
      '45 improved warning',
    ]);
    assert.deepEqual(run([...every(0, 60, 'warning', 0.75), ...every(65, 95, 'ok', 0.75)], pool), [
      '60 opened warning',
      '95 cleared',
    ]);
  });

  it('of any signal can end: the best that there is lies beyond the margin of its level', () => {
    for (const [name, { threshold, unit }] of Object.entries<StandardLimit>(standardLimits)) {
      if (!threshold) continue;
      const best = threshold.direction === 'above' ? 0 : unit === 'ratio' ? 1 : 1000;
      const bad = threshold.warning + (threshold.direction === 'above' ? 0.001 : -0.001);
      const story = run([...every(0, 60, 'warning', bad), ...every(65, 95, 'ok', best)], threshold, unit);
      assert.deepEqual(story, ['60 opened warning', '95 cleared'], name);
    }
    const cacheHit = standardLimits['cache-hit.ratio'].threshold;
    const around = [...every(0, 60, 'warning', 0.97), ...every(65, 95, 'ok', 0.981)];
    assert.deepEqual(run(around, cacheHit, 'ratio'), ['60 opened warning'], 'within the margin it goes on');
  });

  it('tells a story that makes sense, whatever is seen', () => {
    const severity = fc.constantFrom<FindingSeverity>('ok', 'hint', 'unknown', 'warning', 'critical');
    const step = fc.record({
      severity,
      afterMs: fc.integer({ min: -200_000, max: 200_000 }),
      value: fc.option(fc.double()),
    });
    fc.assert(
      fc.property(fc.array(step), fc.boolean(), (steps, withThreshold) => {
        let state: AlertState | undefined;
        let now = 1e12;
        let firing: string | undefined;
        for (const { severity, afterMs, value } of steps) {
          now += afterMs;
          const next = stepAlert(state, { severity, value, threshold: withThreshold ? above : null }, policy, now);
          const allowed: Record<string, readonly (AlertChange | undefined)[]> = {
            none: ['opened', undefined],
            warning: ['worsened', 'cleared', undefined],
            critical: ['improved', 'cleared', undefined],
          };
          assert.ok(allowed[firing ?? 'none']?.includes(next.change));
          if (severity === 'unknown') assert.equal(next.change, undefined);
          if (next.change === undefined) assert.equal(next.state.firing, firing);
          state = next.state;
          firing = state.firing;
        }
      }),
    );
  });
});
