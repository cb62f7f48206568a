import assert from 'node:assert/strict';
import { policyFor, readOverrides } from '../../../src/core/alerts/alert-policy';
import { escalationOf } from '../../../src/core/alerts/escalation';
import { immediateAction } from '../../../src/core/alerts/immediate-action';
import { openWindow, readWindows, type MaintenanceWindow } from '../../../src/core/alerts/maintenance';

describe('the rules of alerts', () => {
  it('are read in seconds, the most special one last', () => {
    const { overrides, problems } = readOverrides([
      { connection: 'shop', signal: 'lag.seconds', warningForSeconds: 1 },
      { signal: 'lag.seconds', warningForSeconds: 2, margin: 0 },
      { connection: 'shop', warningForSeconds: 3, clearForSeconds: 30 },
      { warningForSeconds: 4 },
    ]);
    assert.deepEqual(problems, []);
    const at = (connection: string, signal: string): unknown[] => {
      const { warningForMs, clearForMs, margin } = policyFor(overrides, connection, signal);
      return [warningForMs, clearForMs, margin];
    };
    assert.deepEqual(at('shop', 'lag.seconds'), [1000, 30_000, 0]);
    assert.deepEqual(at('shop', 'other'), [3000, 30_000, 0.1]);
    assert.deepEqual(at('other', 'lag.seconds'), [2000, 60_000, 0]);
    assert.deepEqual(at('other', 'other'), [4000, 60_000, 0.1]);
  });

  it('that cannot be used are named and harm no other', () => {
    const { overrides, problems } = readOverrides([
      { enabled: 'no' },
      { margin: 1 },
      { clearForSeconds: -1 },
      { warningForSeconds: NaN },
      { forSeconds: 3 },
      7,
      { enabled: false },
    ]);
    assert.deepEqual([overrides.length, problems.length], [1, 6]);
    assert.match(
      problems[4] ?? '',
      /^Rule 5 of dbOps\.alerts\.rules: "forSeconds" is not known; known are connection,/,
    );
    assert.equal(readOverrides({}).problems.length, 1);
    assert.deepEqual(readOverrides(undefined), { overrides: [], problems: [] });
  });
});

describe('a maintenance window', () => {
  const one = (entry: object): MaintenanceWindow => {
    const { windows, problems } = readWindows([entry]);
    assert.deepEqual(problems, []);
    return windows[0]!;
  };
  const at = (text: string): number => new Date(text).getTime();

  it('is open once, for its connections', () => {
    const window = one({ from: '2026-03-01T02:00+01:00', to: '2026-03-01T04:00+01:00', connections: ['a'] });
    assert.ok(openWindow([window], 'a', at('2026-03-01T01:00Z')));
    assert.ok(!openWindow([window], 'a', at('2026-03-01T03:00Z')));
    assert.ok(!openWindow([window], 'b', at('2026-03-01T01:30Z')));
  });

  it('is open every week, over midnight too', () => {
    // 2026-03-01 is a Sunday; times are of this machine.
    const window = one({ days: ['Sunday'], from: '22:00', to: '02:00' });
    assert.ok(openWindow([window], 'a', at('2026-03-01T22:00')));
    assert.ok(openWindow([window], 'a', at('2026-03-02T01:59')));
    assert.ok(!openWindow([window], 'a', at('2026-03-02T02:00')));
    assert.ok(!openWindow([window], 'a', at('2026-03-02T22:30')));
    assert.ok(!openWindow([window], 'a', at('2026-03-01T01:00')));
    const noon = one({ days: ['monday', 'friday'], from: '12:00', to: '13:00' });
    assert.ok(openWindow([noon], 'a', at('2026-03-06T12:59')));
    assert.ok(!openWindow([noon], 'a', at('2026-03-05T12:30')));
  });

  it('that cannot be used is named', () => {
    const bad = [
      { from: '2026-03-01T02:00', to: '2026-03-01T04:00' },
      { from: '2026-03-01T04:00Z', to: '2026-03-01T02:00Z' },
      { days: ['someday'], from: '01:00', to: '02:00' },
      { days: [], from: '01:00', to: '02:00' },
      { days: ['monday'], from: '24:00', to: '25:00' },
      { days: ['monday'], from: '02:00', to: '02:00' },
      { from: 1, to: 2 },
      { connections: 'a', from: '2026-03-01T02:00Z', to: '2026-03-01T04:00Z' },
      null,
    ];
    const { windows, problems } = readWindows(bad);
    assert.deepEqual([windows.length, problems.length], [0, bad.length]);
  });
});

describe("the guide's escalation and first actions", () => {
  const cases: [string, Parameters<typeof immediateAction>[0], string, RegExp][] = [
    [
      'pool exhaustion',
      { signal: 'hikari.pool', group: 'pool', runbook: 'pool-exhaustion' },
      'L1',
      /long-running queries/,
    ],
    [
      'a sizing that cannot hold',
      { signal: 'hikari.sizing', group: 'pool', runbook: 'scaling' },
      'L3',
      /slots are free/,
    ],
    [
      'lag',
      { signal: 'replication.lag', group: 'replication', runbook: 'replication-lag' },
      'L1',
      /reads to the primary/,
    ],
    [
      'a lost slot',
      { signal: 'slots.lost', group: 'replication', runbook: 'replication-lag' },
      'L2',
      /reads to the primary/,
    ],
    [
      'a dead server',
      { signal: 'availability', group: 'pool', runbook: 'database-unavailable' },
      'L1',
      /fail over to a standby/,
    ],
    [
      'a failed migration',
      { signal: 'flyway.failed', group: 'migrations', runbook: 'migration-rollback' },
      'L2',
      /is data damaged/,
    ],
    ['an archiver that fails', { signal: 'archiver', group: 'backups', runbook: 'backup' }, 'L2', /last archive/],
    [
      'an unused index',
      { signal: 'unused-indexes.size', group: 'maintenance', runbook: 'reindex' },
      'L3',
      /quiet hour/,
    ],
  ];
  for (const [what, seen, level, action] of cases) {
    it(`for ${what} are ${level}`, () => {
      assert.equal(escalationOf(seen), level);
      assert.match(immediateAction(seen), action);
    });
  }
});
