import assert from 'node:assert/strict';
import { mayRetry, retryDelay } from '../../../src/core/monitor/retry-delay';

describe('the delay before a retry', () => {
  it('begins within one interval, doubles, and ends at a minute', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 60].map((failures) => retryDelay(failures, 5000, 0) / 1000);
    assert.deepEqual(delays, [1, 5, 5, 10, 20, 40, 60, 60, 60]);
    assert.ok(retryDelay(4, 5000, 0.999) > 8000 && retryDelay(4, 5000, 0.999) < 10_000);
  });

  it('follows an interval that is shorter than a second or longer than a minute', () => {
    assert.equal(retryDelay(1, 500, 0), 500);
    assert.equal(retryDelay(9, 300_000, 0), 300_000);
    assert.equal(retryDelay(2000, 5000, 0), 60_000);
  });

  it('does not repeat a wrong password', () => {
    assert.equal(mayRetry('password-wrong'), false);
    assert.equal(mayRetry('connection-refused'), true);
    assert.equal(mayRetry(undefined), true);
  });
});
