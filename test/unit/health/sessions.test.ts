import assert from 'node:assert/strict';
import { evaluateSessions, type SessionsState } from '../../../src/core/health/sessions';
import { evaluateSize } from '../../../src/core/health/size';
import { buildSizeState, type TableSizeRow } from '../../../src/core/health/size-statements';

const healthy: SessionsState = {
  used: 41,
  active: 3,
  idle: 38,
  idleInTransaction: 0,
  idleInTransactionAborted: 0,
  lockWaiters: 0,
  oldestTransactionS: 2,
  oldestQueryS: null,
  oldestIdleInTransactionS: null,
  usable: 97,
  maxConnections: 100,
  limited: false,
};

describe('what the sessions mean', () => {
  const severity = (change: Partial<SessionsState>): string => evaluateSessions({ ...healthy, ...change }).severity;

  it('counts against the usable slots, above 80 % and 95 %', () => {
    const usable = 100;
    const severities = [80, 81, 95, 96, 100].map((used) => severity({ used, usable }));
    assert.deepEqual(severities, ['ok', 'warning', 'warning', 'critical', 'critical']);
    assert.equal(severity({ used: 93, usable: 97 }), 'critical', '93 of max_connections 100 would be a warning');
  });

  it('notices transactions left open, aborted ones too', () => {
    const open = { idleInTransaction: 1 };
    const severities = [300, 301, 901].map((age) => severity({ ...open, oldestIdleInTransactionS: age }));
    assert.deepEqual(severities, ['ok', 'warning', 'critical']);
    assert.equal(severity({ idleInTransactionAborted: 1, oldestIdleInTransactionS: 1000 }), 'critical');
    assert.equal(severity({ ...open, oldestIdleInTransactionS: null }), 'unknown', 'an unknown age is not good');
  });

  it('says it in a few words', () => {
    const summary = (change: Partial<SessionsState>): string => evaluateSessions({ ...healthy, ...change }).summary;
    assert.equal(summary({}), '41/97 sessions');
    assert.equal(
      summary({ idleInTransaction: 3, oldestIdleInTransactionS: 4 }),
      '41/97 sessions · 3 idle in transaction',
    );
    assert.equal(
      summary({ idleInTransaction: 3, oldestIdleInTransactionS: 400, lockWaiters: 2 }),
      '41/97 sessions · 3 idle in transaction 6 min · 2 lock waiters',
    );
  });

  it('is never good for a role that sees only itself', () => {
    const hidden = { active: null, idle: null, idleInTransaction: null, idleInTransactionAborted: null };
    const limited = { ...hidden, lockWaiters: null, oldestTransactionS: null, limited: true };
    assert.equal(severity(limited), 'unknown');
    assert.equal(severity({ ...limited, used: 97 }), 'critical', 'what is known to be bad is told');
    assert.equal(evaluateSessions({ ...healthy, ...limited }).summary, '41/97 sessions · limited view');
  });

  it('is critical when no slot is usable at all', () => assert.equal(severity({ usable: 0 }), 'critical'));
});

describe('what the sizes mean', () => {
  const row = (oid: number, totalBytes: number): TableSizeRow => ({
    table: { oid, schema: 'public', name: `t${oid}`, heapBytes: totalBytes, toastBytes: 0, indexBytes: 0, totalBytes },
    skippedLocked: 0,
  });

  it('orders by the true size and counts the locked', () => {
    const state = buildSizeState(5e9, [row(1, 10), row(2, 30), row(3, 20), { table: null, skippedLocked: 2 }]);
    assert.deepEqual(
      state.tables.map((table) => table.oid),
      [2, 3, 1],
    );
    const { summary, lines } = evaluateSize(state);
    assert.equal(summary, '4.7 GB');
    assert.match(lines.join('\n'), /public\.t2 with 30 B/);
    assert.match(lines.join('\n'), /2 tables skipped: locked/);
  });

  it('keeps the size of the database when the tables cannot be read, and claims nothing about them', () => {
    const state = { ...buildSizeState(5e9, []), tablesProblem: 'Table sizes skipped: a table was locked exclusively.' };
    const { severity, summary, lines } = evaluateSize(state);
    assert.deepEqual([severity, summary], ['ok', '4.7 GB']);
    assert.match(lines.join('\n'), /Table sizes skipped/);
    assert.doesNotMatch(lines.join('\n'), /no tables/);
  });

  it('does not know a size that is hidden', () =>
    assert.equal(evaluateSize(buildSizeState(null, [])).severity, 'unknown'));
});
