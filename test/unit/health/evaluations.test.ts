import assert from 'node:assert/strict';
import type { CheckContext, CheckDefinition } from '../../../src/core/health/check';
import { archiveAge, type ArchiveAge } from '../../../src/core/health/checks/archive-age';
import { archiver, type Archiver } from '../../../src/core/health/checks/archiver';
import { cacheHit } from '../../../src/core/health/checks/cache-hit';
import { databaseSizes } from '../../../src/core/health/checks/database-sizes';
import { slots, type Slot } from '../../../src/core/health/checks/slots';
import { statements, type StatementCounters } from '../../../src/core/health/checks/statements';
import { unusedIndexes, type UnusedIndex } from '../../../src/core/health/checks/unused-indexes';
import type { Finding } from '../../../src/core/health/signal';

const context = { limits: (_: string, standard: unknown) => standard } as unknown as CheckContext;

/** What a check says of samples one minute apart, the last one the present. */
function evaluate<Row>(check: CheckDefinition<Row>, everyMs: number, ...rows: (readonly Row[])[]): readonly Finding[] {
  const all = rows.map((row, index) => ({ at: index * everyMs, rows: row }));
  const now = all.at(-1);
  assert.ok(now);
  return check.evaluate({ now, earlier: all.slice(0, -1) }, context);
}

describe('a slot', () => {
  const slot: Slot = {
    name: 's',
    logical: false,
    database: null,
    active: true,
    walStatus: 'reserved',
    safeBytes: null,
    retainedBytes: 0,
    unconfirmedBytes: null,
    conflicting: false,
    invalidation: null,
    inactiveS: null,
    limited: false,
  };
  const severities = (changes: Partial<Slot>): string[] =>
    evaluate(slots, 60_000, [{ ...slot, ...changes }]).map(({ signal, severity }) => `${signal} ${severity}`);

  it('tells how long it has had no consumer, and where the server does not know, how long that was watched', () => {
    const wordsOf = (changes: Partial<Slot>): string | undefined => {
      const idle = [{ ...slot, active: false, ...changes }];
      return evaluate(slots, 60_000, idle, idle, idle).find(({ signal }) => signal === 'slots.inactive')?.words;
    };
    assert.equal(wordsOf({ inactiveS: 7200 }), 'slot s without a consumer for 2 h');
    assert.equal(wordsOf({}), 'slot s without a consumer for at least 2 min');
  });

  it('is graded by its status, and lost is critical, not 0', () => {
    assert.deepEqual(severities({}), ['slots.retained ok']);
    assert.deepEqual(severities({ walStatus: 'extended', safeBytes: 8e6 }), [
      'slots.retained ok',
      'slots.status warning',
    ]);
    assert.deepEqual(severities({ walStatus: 'unreserved', safeBytes: -5e6 }), [
      'slots.retained ok',
      'slots.status critical',
    ]);
    assert.deepEqual(severities({ walStatus: 'lost', retainedBytes: null }), ['slots.status critical']);
    assert.deepEqual(severities({ invalidation: 'idle_timeout' }), ['slots.status critical']);
    assert.deepEqual(severities({ conflicting: true, logical: true }), ['slots.status critical']);
  });

  it('that keeps much WAL is a warning without any limit of the server', () => {
    assert.deepEqual(severities({ retainedBytes: 2 * 1024 ** 3 }), ['slots.retained warning']);
    assert.deepEqual(severities({ walStatus: null, retainedBytes: 20 * 1024 ** 3 }), ['slots.retained critical']);
  });
});

describe('the archiver', () => {
  const state: Archiver = {
    mode: 'on',
    lastArchived: 'A',
    archivedS: 60,
    lastFailed: null,
    failedS: null,
    failures: 0,
    hasCommand: true,
  };
  const severity = (...changes: Partial<Archiver>[]): string | undefined =>
    evaluate(archiver, 60_000, ...changes.map((change) => [{ ...state, ...change }]))[0]?.severity;

  it('does not fail for ever because it failed once: the times of both stay', () => {
    assert.equal(severity({ failedS: 3600, failures: 9 }), 'ok');
    assert.equal(severity({ failedS: 30 }), 'warning');
    assert.equal(severity({ failedS: 30, archivedS: 400 }), 'critical', 'more than five minutes without success');
  });

  it('on a quiet server fails since it was seen to, not since the last success hours ago', () => {
    const before = { archivedS: 36_000 };
    assert.equal(severity(before, { archivedS: 36_060, failedS: 10 }), 'warning');
    const minutes = Array.from({ length: 7 }, (_, index) => ({ archivedS: 36_060 + 60 * index, failedS: 10 }));
    assert.equal(severity(before, ...minutes), 'critical');
  });

  it('that never succeeded is critical at its first failure, and without a command at once', () => {
    assert.equal(severity({ archivedS: null, failedS: 5 }), 'critical');
    assert.equal(severity({ hasCommand: false }), 'critical');
    assert.equal(severity({ mode: 'off' }), 'hint');
    assert.equal(severity({ hasCommand: null }), 'ok', 'hidden is not missing');
  });
});

describe('the exposed WAL', () => {
  const state: ArchiveAge = { mode: 'on', ageS: 1000, bytes: 500, segmentBytes: 2 ** 24, timeoutS: 0, failing: false };
  const exposed = (changes: Partial<ArchiveAge>): [number | null | undefined, string | undefined] => {
    const [found] = evaluate(archiveAge, 60_000, [{ ...state, ...changes }]);
    return [found?.value, found?.severity];
  };

  it('is as old as the last archived segment, against 15 minutes', () => {
    assert.deepEqual(exposed({}), [1000, 'critical']);
    assert.deepEqual(exposed({ ageS: 700 }), [700, 'warning']);
    assert.deepEqual(exposed({ ageS: 600 }), [600, 'ok']);
  });

  it('is 0 when all is archived, and when archive_timeout would have switched what is worth it', () => {
    assert.deepEqual(exposed({ bytes: 0 }), [0, 'ok']);
    assert.deepEqual(exposed({ timeoutS: 300 }), [0, 'ok']);
    assert.deepEqual(exposed({ timeoutS: 300, failing: true }), [1000, 'critical']);
    assert.deepEqual(exposed({ bytes: null }), [1000, 'critical'], 'unknown is not 0');
    assert.deepEqual(exposed({ bytes: null, timeoutS: 300 }), [1000, 'critical'], 'unknown is not quiet');
    assert.deepEqual(exposed({ bytes: 2 ** 24 + 56, timeoutS: 300 }), [1000, 'critical'], 'a command that hangs');
  });
});

describe('unused indexes', () => {
  const index: UnusedIndex = {
    index: 'public.i',
    table: 'public.t',
    bytes: 2 ** 30,
    statisticsS: 8 * 86_400,
    standbys: 1,
  };

  it('are advice after a week of statistics, with the standbys to look at', () => {
    const [found] = evaluate(unusedIndexes, 1, [index]);
    assert.equal(found?.severity, 'hint');
    assert.ok(found.lines.some((line) => /standby/.test(line)));
    const [early] = evaluate(unusedIndexes, 1, [{ ...index, statisticsS: 86_400 }]);
    assert.deepEqual([early?.severity, early?.value], ['ok', null]);
  });
});

describe('the cache hit ratio', () => {
  const blocks = (hit: number, read: number): Parameters<typeof cacheHit.evaluate>[0]['now']['rows'] => [
    { database: 'shop', hit, read, reset: null },
  ];

  it('is that of the last minutes, and unknown without traffic', () => {
    const [low] = evaluate(cacheHit, 60_000, blocks(1e9, 0), blocks(1e9 + 90_000, 10_000));
    assert.deepEqual([low?.value, low?.severity], [0.9, 'warning']);
    const [few] = evaluate(cacheHit, 60_000, blocks(0, 0), blocks(10, 90));
    assert.deepEqual([few?.value, few?.severity], [null, 'ok']);
  });
});

describe('the calls of all statements', () => {
  it('are those of the stretches in which nothing was dropped from the list', () => {
    const all = (calls: number): StatementCounters[] => [{ key: '', queryId: null, calls, totalMs: 0, maxMs: 0 }];
    const rate = (...calls: number[]): number | null | undefined =>
      evaluate(statements, 60_000, ...calls.map(all)).find(({ signal }) => signal === 'statements.calls')?.value;
    assert.equal(rate(1e6), null);
    assert.equal(rate(1e6, 1e6 + 600), 10);
    assert.equal(rate(1e6, 1e6 + 600, 9e5, 9e5 + 600), 10, 'what is left is not what was called');
    assert.equal(rate(1e6, 9e5), null);
  });
});

describe('the growth of a database', () => {
  it('is told after half an hour, in bytes a day', () => {
    const rows = [0, 1, 2].map((n) => [{ database: 'shop', bytes: 1e9 + n * 1e6 }]);
    const growth = (count: number): Finding | undefined =>
      evaluate(databaseSizes, 900_000, ...rows.slice(0, count)).find(({ unit }) => unit === 'bytes/day');
    assert.equal(growth(2), undefined);
    assert.equal(growth(3)?.value, 2e6 * 48);
  });
});
