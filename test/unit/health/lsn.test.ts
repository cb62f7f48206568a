import assert from 'node:assert/strict';
import { LsnHistory, parseLsn } from '../../../src/core/health/lsn';

const second = 1000;

describe('WAL positions', () => {
  it('are read as the server writes them', () => {
    assert.equal(parseLsn('0/0'), 0);
    assert.equal(parseLsn('0/16B3748'), 0x16b3748);
    assert.equal(parseLsn('1/0'), 2 ** 32);
    assert.equal(parseLsn('FF/FFFFFFFF'), 0xff * 2 ** 32 + 0xffffffff);
    for (const wrong of ['', '0', '0/', '0/G', '0/123456789', '0/1 ', 'x/1'])
      assert.throws(() => parseLsn(wrong), RangeError);
  });
});

describe('the history of WAL positions', () => {
  it('tells 1, 2, … 6 s while replay is paused, and 0 after the resume', () => {
    const history = new LsnHistory();
    history.record(0, 1000);
    const seen = [1, 2, 3, 4, 5, 6].map((tick) => {
      history.record(tick * second, 1000 + tick * 64);
      return history.lag(tick * second, 1000)?.estimate;
    });
    assert.deepEqual(seen, [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(history.lag(7 * second, 1000 + 6 * 64), { estimate: 0, atLeast: 0 });
  });

  it('stays 0 on an idle primary', () => {
    const history = new LsnHistory();
    for (let tick = 0; tick <= 600; tick += 5) {
      history.record(tick * second, 1000);
      assert.deepEqual(history.lag(tick * second, 1000), { estimate: 0, atLeast: 0 });
    }
  });

  it('counts from the last moment at which an idle primary stood there', () => {
    const history = new LsnHistory();
    for (let tick = 0; tick <= 100; tick += 5) history.record(tick * second, 1000);
    history.record(105 * second, 2000);
    history.record(110 * second, 3000);
    assert.deepEqual(history.lag(110 * second, 1000), { estimate: 10, atLeast: 5 });
  });

  it('does not take WAL on its way for the lag of a whole interval', () => {
    const history = new LsnHistory();
    for (let tick = 0; tick <= 20; tick += 5) history.record(tick * second, tick * 10_000_000);
    const lag = history.lag(20 * second, 200_000_000 - 10_000);
    assert.ok(lag);
    assert.equal(lag.atLeast, 0);
    const estimate = lag.estimate ?? 9;
    assert.ok(Math.abs(estimate - 0.001) < 1e-6, String(estimate));
  });

  it('knows only a lower bound for what is older than itself', () => {
    const history = new LsnHistory();
    assert.equal(history.lag(0, 500), null);
    history.record(0, 1000);
    assert.deepEqual(history.lag(0, 500), { estimate: null, atLeast: 0 });
    history.record(5 * second, 1200);
    assert.deepEqual(history.lag(5 * second, 500), { estimate: null, atLeast: 5 });
  });

  it('starts anew when the position or the clock goes back, and after a sleep', () => {
    for (const [at, lsn] of [
      [20, 400],
      [5, 3000],
      [10 + 3600, 3000],
    ] as const) {
      const history = new LsnHistory();
      history.record(0, 1000);
      history.record(10 * second, 2000);
      history.record(at * second, lsn);
      assert.deepEqual(history.lag(at * second, lsn - 1), { estimate: null, atLeast: 0 });
    }
  });

  it('stays small over days and still reaches back', () => {
    const history = new LsnHistory(64);
    for (let tick = 0; tick <= 50_000; tick++) history.record(tick * 5 * second, tick * 100);
    const now = 50_000 * 5 * second;
    assert.ok(Math.abs((history.lag(now, 49_990 * 100)?.estimate ?? 0) - 50) < 1e-6);
    const old = history.lag(now, 25_000 * 100)?.estimate ?? 0;
    assert.ok(Math.abs(old - 125_000) < 1, `${old} s`);
    assert.ok(JSON.stringify(history).length < 64 * 60);
  });
});
