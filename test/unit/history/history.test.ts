import assert from 'node:assert/strict';
import fc from 'fast-check';
import { HistoryRecorder } from '../../../src/core/history/history-recorder';
import type { HistoryPoint, HistorySample } from '../../../src/core/history/history-store';
import { MemoryHistory } from '../../../src/core/history/memory-history';
import { numbersOf } from '../../../src/core/history/numbers-of';
import { readHistory } from '../../../src/core/history/read-history';
import { extremes, sparkline } from '../../../src/core/history/sparkline';
import { daysUntil, growthText, trendOf } from '../../../src/core/history/trend';
import type { NumericSignal } from '../../../src/core/health/signal';
import { FakeClock } from '../../database/support/fake-clock';
import { quietLog } from '../../database/support/monitor';
import { finding, outcome } from '../alerts/findings';

const hour = 3_600_000;
const day = 24 * hour;
const gigabyte = 1024 ** 3;

function point(at: number, value: number): HistoryPoint {
  return { at, min: value, mean: value, max: value, count: 1 };
}

/** One point an hour. */
function hourly(hours: number, value: (hour: number) => number): HistoryPoint[] {
  return Array.from({ length: hours }, (_, i) => point(i * hour, value(i)));
}

describe('a trend', () => {
  it('is bytes a day and days until the disk is full', () => {
    const trend = trendOf(hourly(72, (h) => (100 + h / 24) * gigabyte))!;
    assert.ok(Math.abs(trend.perDay - gigabyte) < 1);
    assert.equal(Math.round(daysUntil(trend, 126 * gigabyte)!), 23);
    assert.equal(growthText(trend, 126 * gigabyte), 'grows 1 GB a day · full in 23 days');
    assert.equal(growthText(trend, 103.5 * gigabyte), 'grows 1 GB a day · full in 13 h');
    assert.equal(growthText(trend, 50 * gigabyte), 'grows 1 GB a day · full');
    assert.equal(growthText(trend, null), 'grows 1 GB a day');
  });

  it('is not bent by one bulk load or one cleaning', () => {
    const loaded = trendOf(hourly(72, (h) => (h === 40 ? 900 : 100 + h / 24) * gigabyte))!;
    assert.ok(Math.abs(loaded.perDay / gigabyte - 1) < 0.05, `${loaded.perDay / gigabyte}`);
  });

  it('of what does not grow has no end', () => {
    const steady = trendOf(hourly(48, () => 5 * gigabyte))!;
    assert.deepEqual([steady.perDay, daysUntil(steady, 6 * gigabyte)], [0, null]);
    assert.equal(growthText(steady, 6 * gigabyte), 'steady over 47 h');
    const shrinking = trendOf(hourly(48, (h) => (50 - h / 24) * gigabyte))!;
    assert.equal(growthText(shrinking, 60 * gigabyte), 'shrinks 1 GB a day');
  });

  it('is not told from too little', () => {
    assert.equal(trendOf([]), undefined);
    assert.equal(trendOf(hourly(5, (h) => h)), undefined);
    assert.equal(trendOf(Array.from({ length: 100 }, (_, i) => point(i * 1000, i))), undefined);
    assert.ok(trendOf(hourly(7, (h) => h)));
  });

  it('of a year is answered at once', () => {
    const began = Date.now();
    assert.ok(Math.abs(trendOf(hourly(9000, (h) => h))!.perDay - 24) < 1e-6);
    assert.ok(Date.now() - began < 500);
  });
});

describe('a sparkline', () => {
  it('goes from the lowest to the highest, and shows where nothing was measured', () => {
    const points = [0, 1, 2, 3, 5, 6, 7].map((h) => point(h * hour, h));
    assert.equal(sparkline(points, 0, 8 * hour, 8), '▁▂▃▄·▆▇█');
    assert.equal(sparkline([point(0, 5), point(hour, 5)], 0, 2 * hour, 2), '▁▁');
    assert.equal(sparkline([], 0, hour, 4), '····');
  });

  it('shows a short peak', () => {
    const points = [...hourly(100, () => 1), { ...point(50 * hour + 1, 1), max: 9 }];
    assert.equal(sparkline(points, 0, 100 * hour, 10), '▁▁▁▁▁█▁▁▁▁');
    assert.deepEqual(extremes(points), { min: 1, max: 9 });
    assert.equal(extremes([]), undefined);
  });

  it('is as wide as it should be, whatever it is of', () => {
    const any = fc.array(
      fc.record({
        at: fc.integer({ min: -100, max: 200 }),
        value: fc.double({ noNaN: true, min: -1e300, max: 1e300 }),
      }),
    );
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 60 }), (points, width) => {
        const line = sparkline(
          points.map(({ at, value }) => point(at, value)),
          0,
          100,
          width,
        );
        assert.match(line, new RegExp(`^[▁▂▃▄▅▆▇█·]{${width}}$`));
      }),
    );
  });
});

describe('the history in memory', () => {
  const key = { connectionId: 'a', signal: 's', subject: '' };
  const at = (time: number, value: number): HistorySample => ({ ...key, unit: 'count', at: time, value });

  it('keeps an hour in detail and a day in stretches', () => {
    const store = new MemoryHistory('no SQLite');
    for (let time = 0; time <= 30 * hour; time += 60_000) store.append([at(time, time)], time);
    const points = readHistory(store, key, 8 * hour, 30 * hour);
    assert.ok(points.length > 60 && points.length < 400, `${points.length}`);
    assert.equal(points[0]?.at, 8 * hour);
    assert.equal(
      points.reduce((sum, one) => sum + one.count, 0),
      22 * 60 + 1,
    );
    store.forget('a');
    assert.deepEqual([store.read(key, 0, day, 'raw'), store.series('a')], [[], []]);
  });

  it('holds no more series than it may', () => {
    const store = new MemoryHistory('no SQLite');
    for (let i = 0; i < 10_500; i++) store.append([{ ...at(i, 1), subject: `${i}` }], i);
    assert.equal(store.series('a').length, 10_000);
    assert.deepEqual(store.read({ ...key, subject: '0' }, 0, day, 'raw'), []);
  });
});

describe('the recorder', () => {
  const number = (value: number | null): NumericSignal => ({ signal: 's', subject: '', value, unit: 'count' });

  it('writes in batches, each reading once, and leaves out what is unknown', () => {
    const clock = new FakeClock();
    const store = new MemoryHistory('test');
    const batches: number[] = [];
    const append = store.append.bind(store);
    store.append = (samples, now) => {
      batches.push(samples.length);
      append(samples, now);
    };
    const recorder = new HistoryRecorder(store, clock, quietLog);
    const begin = clock.now();
    recorder.record('a', 'check', [number(1), number(null), number(NaN)], begin);
    recorder.record('a', 'check', [number(1)], begin);
    recorder.record('a', 'check', [number(2)], begin + 1);
    clock.advance(9000);
    assert.deepEqual(batches, []);
    clock.advance(1000);
    assert.deepEqual(batches, [2]);
    recorder.record('a', 'check', [number(3)], begin + 2);
    recorder.dispose();
    assert.deepEqual(
      store.read({ connectionId: 'a', signal: 's', subject: '' }, 0, Infinity, 'raw').map(({ mean }) => mean),
      [1, 2, 3],
    );
  });

  it('keeps what cannot be written now, tells once, and bounds what it keeps', () => {
    const clock = new FakeClock();
    const store = new MemoryHistory('test');
    const append = store.append.bind(store);
    store.append = () => {
      throw new Error('database is locked');
    };
    const said: string[] = [];
    const recorder = new HistoryRecorder(store, clock, { ...quietLog, warn: (text) => void said.push(text) });
    for (let i = 0; i < 60_000; i++) {
      recorder.record('a', `${i}`, [{ ...number(i), subject: `${i % 5000}` }], clock.now() + i);
    }
    clock.advance(10_000);
    recorder.flush();
    assert.equal(said.length, 1);
    store.append = append;
    recorder.flush();
    const kept = store.series('a').flatMap((key) => store.read(key, 0, Infinity, 'raw'));
    assert.deepEqual([kept.length, Math.min(...kept.map(({ mean }) => mean))], [50_000, 10_000]);
  });

  it('keeps the highest of what comes and goes, and nothing of what was not read', () => {
    const findings = [
      finding({ subject: '1', value: 5 }),
      finding({ subject: '2', value: 9 }),
      finding({ subject: '3' }),
    ];
    const about = { ...outcome([]).about, id: 'long-queries' };
    assert.deepEqual(numbersOf(outcome(findings, { about })), [
      { signal: 'sessions.used', subject: '', value: 9, unit: 'ratio' },
    ]);
    assert.equal(numbersOf(outcome(findings)).length, 3);
    assert.deepEqual(numbersOf(outcome(findings, { problem: 'not read' })), []);
  });
});
