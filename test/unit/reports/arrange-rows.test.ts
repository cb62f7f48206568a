import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Section } from '../../../src/core/reports/document';
import { arrangeRows } from '../../../webview/arrange-rows';
import { rowWindow } from '../../../webview/row-window';

const section = (rows: readonly (readonly [string, number | null])[]): Section => ({
  id: 's',
  title: 'S',
  caption: '',
  empty: '',
  sort: null,
  columns: [
    { id: 'name', title: 'Name', align: 'start', firstSort: 'ascending' },
    { id: 'size', title: 'Size', align: 'end', firstSort: 'descending' },
  ],
  rows: rows.map(([name, size], at) => ({
    key: String(at),
    cells: [
      { text: name, value: name },
      { text: size === null ? 'unknown' : String(size), value: size },
    ],
  })),
});

const names = (found: ReturnType<typeof arrangeRows>): (string | undefined)[] => found.map((row) => row.cells[0]?.text);

describe('rows of a report', () => {
  const some = section([
    ['orders_10', 5],
    ['orders_9', null],
    ['Customers', 700],
    ['a <b>', 0],
  ]);

  it('stand in numeric order, those without a value last in either direction', () => {
    const by = (direction: 'ascending' | 'descending'): unknown =>
      names(arrangeRows(some, { filter: '', sort: { column: 'size', direction } }));
    assert.deepEqual(by('descending'), ['Customers', 'orders_10', 'a <b>', 'orders_9']);
    assert.deepEqual(by('ascending'), ['a <b>', 'orders_10', 'Customers', 'orders_9']);
  });

  it('stand by name with numbers in them as numbers', () => {
    const found = arrangeRows(some, { filter: 'orders', sort: { column: 'name', direction: 'ascending' } });
    assert.deepEqual(names(found), ['orders_9', 'orders_10']);
  });

  it('are kept when they hold every word, whatever the case and the column', () => {
    assert.deepEqual(names(arrangeRows(some, { filter: ' 700 CUST ', sort: null })), ['Customers']);
    assert.deepEqual(names(arrangeRows(some, { filter: '<b>', sort: null })), ['a <b>']);
    assert.deepEqual(names(arrangeRows(some, { filter: 'customers 5', sort: null })), []);
  });

  it('keep their order when the column is not known', () => {
    const found = arrangeRows(some, { filter: '', sort: { column: 'gone', direction: 'ascending' } });
    assert.equal(found.length, 4);
  });

  it('are all drawn where they are seen, and never more than there are', () => {
    fc.assert(
      fc.property(fc.nat(6000), fc.nat(200_000), fc.integer({ min: 1, max: 3000 }), (count, top, viewport) => {
        const { from, to } = rowWindow(count, 24, top, viewport);
        assert.ok(from >= 0 && from <= to && to <= count);
        assert.ok(to - from <= viewport / 24 + 43);
        for (const pixel of [top, top + viewport - 1]) {
          const row = Math.floor(pixel / 24);
          if (row < count) assert.ok(row >= from && row < to);
        }
      }),
    );
  });
});
