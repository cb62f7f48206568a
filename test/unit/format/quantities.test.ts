import assert from 'node:assert/strict';
import { formatBytes, formatCount, formatDuration } from '../../../src/core/format/quantities';

describe('quantities', () => {
  const bytes: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1 kB'],
    [1536, '1.5 kB'],
    [99.9 * 1024, '99.9 kB'],
    [99.96 * 1024, '100 kB'],
    [1023.4 * 1024, '1023 kB'],
    [1023.6 * 1024, '1 MB'],
    [64_780_080, '61.8 MB'],
    [64 * 1024 ** 2, '64 MB'],
    [212 * 1024 ** 3, '212 GB'],
    [3 * 1024 ** 5, '3 PB'],
    [5000 * 1024 ** 5, '5000 PB'],
    [-8 * 1024 ** 2, '-8 MB'],
  ];
  for (const [value, text] of bytes)
    it(`writes ${value} bytes as ${text}`, () => assert.equal(formatBytes(value), text));

  const durations: readonly (readonly [number, string])[] = [
    [0, '0 s'],
    [-3, '0 s'],
    [0.04, '0 s'],
    [0.49, '0.4 s'],
    [1, '1 s'],
    [9.99, '9.9 s'],
    [10.7, '10 s'],
    [94, '94 s'],
    [119.9, '119 s'],
    [120, '2 min'],
    [7199, '119 min'],
    [7200, '2 h'],
    [12_000, '3 h 20 min'],
    [172_799, '47 h 59 min'],
    [172_800, '2 d'],
    [439_200, '5 d 2 h'],
  ];
  for (const [value, text] of durations)
    it(`writes ${value} seconds as ${text}`, () => assert.equal(formatDuration(value), text));

  it('counts in the singular and the plural', () => {
    assert.equal(formatCount(1, 'session'), '1 session');
    assert.equal(formatCount(0, 'session'), '0 sessions');
    assert.equal(formatCount(2, 'query', 'queries'), '2 queries');
  });
});
