import assert from 'node:assert/strict';
import { withConnectionIds } from '../../../src/core/connection/connection-names';

const profiles = [
  { id: '4f1', name: 'shop' },
  { id: 'b02', name: 'billing' },
  // A name that is the id of another.
  { id: 'c03', name: '4f1' },
];

describe('names of connections in settings', () => {
  it('lead to ids, and an id goes before a name', () => {
    const { value, problems } = withConnectionIds(
      'dbOps.applications',
      [
        { connection: 'shop', url: 'http://a/' },
        { connection: 'b02', url: 'http://b/' },
        { connection: '4f1', url: 'http://c/' },
      ],
      profiles,
    );
    assert.deepEqual(value, [
      { connection: '4f1', url: 'http://a/' },
      { connection: 'b02', url: 'http://b/' },
      { connection: '4f1', url: 'http://c/' },
    ]);
    assert.deepEqual(problems, []);
  });

  it('are read in lists and as keys', () => {
    const { value } = withConnectionIds(
      'dbOps.prometheus',
      [{ connections: { billing: 'db:9187' }, disks: { billing: 'x' } }, { connections: ['shop', 'billing'] }],
      profiles,
    );
    assert.deepEqual(value, [
      { connections: { b02: 'db:9187' }, disks: { b02: 'x' } },
      { connections: ['4f1', 'b02'] },
    ]);
  });

  it('that lead nowhere are told, and do not come to mean all connections', () => {
    const { value, problems } = withConnectionIds(
      'dbOps.alerts.maintenance',
      [{ connections: ['shpo'], from: 'x' }, { connection: 'fleet:prod a:9187' }],
      profiles,
    );
    assert.deepEqual(value, [{ connections: ['shpo'], from: 'x' }, { connection: 'fleet:prod a:9187' }]);
    assert.deepEqual(problems, [
      'Entry 1 of dbOps.alerts.maintenance: "shpo" is no saved connection. Saved are "shop", "billing", "4f1".',
    ]);
  });

  it('leave what cannot be read to the reader of the setting', () => {
    for (const value of [undefined, null, 'shop', 7, [null, 'shop', ['shop'], { connection: 7 }, { connections: 7 }]]) {
      assert.deepEqual(withConnectionIds('x', value, profiles), { value, problems: [] });
    }
  });
});
