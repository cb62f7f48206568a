import assert from 'node:assert/strict';
import { parseQuantity } from '../../../src/core/format/parse-quantity';

describe('a quantity of a setting', () => {
  it('is a number in its unit, or a text that names another', () => {
    assert.equal(parseQuantity(5, 'bytes'), 5);
    assert.equal(parseQuantity('200 GB', 'bytes'), 200 * 1024 ** 3);
    assert.equal(parseQuantity('1.5GiB', 'bytes'), 1.5 * 1024 ** 3);
    assert.equal(parseQuantity('512', 'bytes'), 512);
    assert.equal(parseQuantity('5 min', 's'), 300);
    assert.equal(parseQuantity('250 ms', 's'), 0.25);
    assert.equal(parseQuantity('2 s', 'ms'), 2000);
    assert.equal(parseQuantity('80 %', 'ratio'), 0.8);
  });

  it('is undefined for what is none, or of another kind', () => {
    for (const value of [-1, NaN, Infinity, null, undefined, true, {}, '', 'GB', '-5 GB', '5 GB x', '1e9 GB', '5,5 GB'])
      assert.equal(parseQuantity(value, 'bytes'), undefined, JSON.stringify(value));
    assert.equal(parseQuantity('5 min', 'bytes'), undefined);
    assert.equal(parseQuantity('5 GB', 's'), undefined);
    assert.equal(parseQuantity('80 %', 'count'), undefined);
  });
});
