import assert from 'node:assert/strict';
import { diskFindings, diskOfDatabases, type DiskState } from '../../../src/core/health/disk';
import { readDisks } from '../../../src/core/health/disk-settings';
import type { Finding, SignalOutcome } from '../../../src/core/health/signal';
import { sizeTrend } from '../../../src/core/history/size-trend';
import { MemoryHistory } from '../../../src/core/history/memory-history';
import type { Trend } from '../../../src/core/history/trend';
import { DiskSignals } from '../../../src/core/monitor/disk-signals';
import { standardLimits } from '../../database/support/settings';
import { FakeClock } from '../../database/support/fake-clock';

const gb = 1024 ** 3;
const day = 86_400_000;
const disk = (used: number | null): DiskState => ({
  subject: '',
  capacityBytes: 262 * gb,
  usedBytes: used === null ? null : used * gb,
  counted: [],
});
const trend = (gbPerDay: number, overMs = 14 * day): Trend => ({ perDay: gbPerDay * gb, overMs, last: 0 });
const of = (state: DiskState, growth?: Trend): Record<string, Finding | undefined> => {
  const found = diskFindings(state, growth, standardLimits);
  return Object.fromEntries(found.map((finding) => [finding.signal, finding]));
};

describe('the disk', () => {
  it('says which part is in use, when it is full, and over which time that was seen', () => {
    const found = of(disk(212), trend(50 / 23.5));
    assert.equal(found['disk.used']?.words, '80.9 % of disk · full in 23 days');
    assert.equal(found['disk.used'].severity, 'warning');
    assert.ok(found['disk.used'].lines.includes('Its use grows by 2.1 GB a day, seen over 14 d.'));
    assert.equal(Math.floor(found['disk.days-left']?.value ?? 0), 23);
    assert.equal(found['disk.days-left']?.severity, 'ok');
  });

  it('is a warning above 80 % as the guide says, critical above 95 %, and a week or a day before it is full', () => {
    const severityAt = (gbUsed: number): string | undefined => of(disk(gbUsed))['disk.used']?.severity;
    assert.deepEqual([209, 210, 248, 249].map(severityAt), ['ok', 'warning', 'warning', 'critical']);
    const left = (growth: Trend): string | undefined => of(disk(200), growth)['disk.days-left']?.severity;
    assert.deepEqual(
      [5, 10, 100].map((perDay) => left(trend(perDay))),
      ['ok', 'warning', 'critical'],
    );
    assert.equal(left(trend(100, day / 2)), 'ok', 'half a day of history raises no alarm');
  });

  it('never fills while it shrinks or stands still, and says so', () => {
    for (const [growth, line] of [
      [trend(-1), 'Its use falls by 1 GB a day, seen over 14 d.'],
      [trend(0), 'Its use is steady, seen over 14 d.'],
    ] as const) {
      const found = of(disk(200), growth);
      assert.equal(found['disk.used']?.words, '76.3 % of disk');
      assert.equal(found['disk.days-left'], undefined);
      assert.ok(found['disk.used'].lines.includes(line), found['disk.used'].lines.join(' '));
    }
    assert.equal(of(disk(261.99), trend(100))['disk.used']?.words, '100.0 % of disk · full within the hour');
    assert.equal(of(disk(262), trend(-1))['disk.used']?.words, '100.0 % of disk · full');
  });

  it('is unknown where growth or use is unknown', () => {
    const fresh = of(disk(100));
    assert.ok(
      fresh['disk.used']?.lines.includes('How fast it fills is not known yet: that takes six hours of history.'),
    );
    assert.equal(fresh['disk.days-left'], undefined);
    const hidden = of(disk(null), trend(5));
    assert.deepEqual([hidden['disk.used']?.severity, hidden['disk.used']?.value], ['unknown', null]);
    assert.equal(hidden['disk.days-left'], undefined);
  });

  it('is what databases and WAL take where the capacity is a setting', () => {
    const state = diskOfDatabases(100 * gb, [sizes(70 * gb), wal(5 * gb)]);
    assert.equal(state.usedBytes, 75 * gb);
    assert.match(state.counted.join(' '), /the databases \(70 GB\) and WAL \(5 GB\)/);
    assert.equal(diskOfDatabases(gb, [sizes(null), wal(gb)]).usedBytes, null, 'a sum with a hidden part is no sum');
    assert.match(diskOfDatabases(gb, [sizes(gb)]).counted.join(' '), /WAL is hidden/);
  });

  it('takes its growth from the history, and keeps its reading apart from what Prometheus tells', () => {
    const clock = new FakeClock();
    const history = new MemoryHistory('a test');
    const now = clock.now();
    for (let hour = 24; hour >= 0; hour--) {
      const at = now - hour * 3_600_000;
      const value = (75 - hour / 24) * gb;
      history.append([{ connectionId: 'shop', signal: 'disk.bytes', subject: '', unit: 'bytes', at, value }], at);
    }
    const signals = new DiskSignals({
      clock,
      capacity: (id) => (id === 'shop' ? 100 * gb : undefined),
      reported: (id) =>
        id === 'tied' ? { asked: 'q', at: now, problem: 'not read: it is away', disk: undefined } : undefined,
      trend: (key) => sizeTrend(history, key, now + 1),
      limits: () => standardLimits,
    });
    const checks = [sizes(70 * gb), wal(5 * gb)].map((check) => ({ ...check, stale: false }));
    const outcome = signals.outcome('shop', checks)!;
    assert.equal(
      outcome.findings.find(({ signal }) => signal === 'disk.used')?.words,
      '75.0 % of disk · full in 25 days',
    );
    assert.equal(outcome.problem, null);
    assert.match(
      signals.outcome(
        'shop',
        checks.map((check) => ({ ...check, stale: true })),
      )!.problem!,
      /too old/,
    );
    assert.equal(signals.outcome('shop', [])!.at, null);
    assert.equal(signals.outcome('tied', checks)!.problem, 'not read: it is away');
    assert.equal(signals.outcome('other', checks), undefined);
  });

  it('has a setting whose mistakes are named', () => {
    const { capacities, problems } = readDisks([
      { connection: 'shop', capacity: '200 GB' },
      { connection: 'shop', capacity: 1e12 },
      { connection: 'old', capacity: 1e12 },
      { connection: 'a', capacity: 200 },
      { connection: 'b', capacity: '200 Gigs' },
      { connection: 'c', size: 1 },
      { capacity: '1 TB' },
      7,
    ]);
    assert.deepEqual(
      [...capacities],
      [
        ['shop', 200 * gb],
        ['old', 1e12],
      ],
    );
    assert.deepEqual(
      problems.map((problem) => problem.replace(/^Entry (\d) of dbOps\.disks: /, '$1 ')),
      [
        '2 its connection stands there twice.',
        '4 "capacity" is 200 bytes; write the unit, like "200 GB".',
        '5 "capacity" must be bytes or a text like "200 GB".',
        '6 "size" is not known; known are connection, capacity.',
        '7 "connection" must be the name of a connection.',
        '8 it must be an object.',
      ],
    );
    assert.deepEqual(readDisks({ shop: 1 }).problems, ['dbOps.disks must be a list.']);
  });
});

function outcomeOf(id: string, signal: string, value: number | null): SignalOutcome {
  const finding = { signal, subject: '', value, unit: 'bytes', severity: 'ok', words: '', lines: [], threshold: null };
  const about = { id, group: 'size', title: id, explanation: '', runbook: 'scaling', tierMs: 900_000 };
  return { about, sql: 'SELECT', at: 5, problem: null, absent: null, findings: [finding] } as SignalOutcome;
}
const sizes = (value: number | null): SignalOutcome => outcomeOf('database-sizes', 'database-sizes.all', value);
const wal = (value: number): SignalOutcome => outcomeOf('wal-backlog', 'wal-backlog.bytes', value);
