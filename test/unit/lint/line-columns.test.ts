import assert from 'node:assert/strict';
import { LineColumns } from '../../../src/core/lint/line-columns';

describe('lines and columns', () => {
  it('end where an editor ends them', () => {
    const text = 'a\r\nb\rc\nd\u2028e';
    const columns = new LineColumns(text);
    const place = (part: string): string => Object.values(columns.at(text.indexOf(part))).join(':');
    assert.deepEqual(['a', 'b', 'c', 'd', 'e'].map(place), ['1:1', '2:1', '3:1', '4:1', '4:3']);
  });

  it('count no byte order mark, as an editor shows none', () => {
    const columns = new LineColumns('\ufeffDROP TABLE a;\nx');
    assert.deepEqual(columns.at(1), { line: 1, column: 1 });
    assert.deepEqual(columns.at(0), { line: 1, column: 1 });
    assert.deepEqual(columns.at(15), { line: 2, column: 1 });
  });

  it('count UTF-16 units', () => {
    assert.deepEqual(new LineColumns('🐘a').at(2), { line: 1, column: 3 });
  });
});
