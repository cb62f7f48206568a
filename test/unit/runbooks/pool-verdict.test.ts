import assert from 'node:assert/strict';
import type { LockState } from '../../../src/core/health/blocking';
import type { SessionsState } from '../../../src/core/health/sessions';
import { poolVerdict, type PoolEvidence } from '../../../src/core/runbooks/pool-exhaustion/pool-verdict';
import { poolMeasures } from '../../../src/core/runbooks/pool-exhaustion/pool-evidence';
import type { BusySession, SessionGroup } from '../../../src/core/runbooks/pool-exhaustion/session-groups';
import { sizeAdvice, type ServerLimits } from '../../../src/core/runbooks/pool-exhaustion/size-advice';

const sessions: SessionsState = {
  used: 10,
  active: 2,
  idle: 8,
  idleInTransaction: 0,
  idleInTransactionAborted: 0,
  lockWaiters: 0,
  oldestTransactionS: null,
  oldestQueryS: null,
  oldestIdleInTransactionS: null,
  usable: 97,
  maxConnections: 100,
  limited: false,
};
const noLocks: LockState = {
  sessions: new Map(),
  roots: [],
  waiting: 0,
  longestWaitS: null,
  truncated: false,
  limited: false,
};
const calm: PoolEvidence = { sessions, groups: [], busy: [], locks: noLocks, layers: [] };
const busy = (pid: number, state: string, ageS: number, values: Partial<BusySession> = {}): BusySession => ({
  pid,
  backendStart: 'x',
  user: 'shop',
  database: 'shop',
  application: 'orders-api',
  clientAddress: null,
  state,
  transactionAgeS: ageS,
  query: `SELECT ${pid}`,
  holdsUp: 0,
  ageS,
  waits: null,
  waitsForLock: false,
  ...values,
});

const group = (application: string, values: Partial<SessionGroup>): SessionGroup => ({
  application,
  user: 'shop',
  database: 'shop',
  clientAddress: null,
  total: 10,
  active: 0,
  idle: 0,
  inTransaction: 0,
  lockWaiters: 0,
  ...values,
});

describe('the verdict on an exhausted pool', () => {
  it('names the lowest place that is full', () => {
    const application = { kind: 'application', words: 'shop 10/10', full: true, lent: 1 } as const;
    const pooler = { kind: 'pooler', words: 'pgbouncer 5/5', full: true, lent: null } as const;
    const at = (layers: PoolEvidence['layers'], used: number): string =>
      poolVerdict({ ...calm, layers, sessions: { ...sessions, used } }).where;
    assert.equal(at([application, pooler], 90), 'server');
    assert.equal(at([application, pooler], 10), 'pooler');
    assert.equal(at([application, { ...pooler, full: false }], 10), 'application');
    assert.equal(at([application, { ...pooler, full: null }], 77), 'application');
    assert.equal(at([], 78), 'server', '78 is above 80 % of 97');
    assert.equal(at([], 10), 'nowhere');
  });

  it('takes a statement for slow after 30 s, sooner where somebody waits for a connection', () => {
    const evidence = { ...calm, busy: [busy(1, 'active', 12)] };
    assert.equal(poolVerdict(evidence).main.cause, 'none');
    const full = { ...evidence, layers: [{ kind: 'application', words: 'shop', full: true, lent: 1 } as const] };
    assert.deepEqual([poolVerdict(full).main.cause, poolVerdict(full).recommended?.action], ['slow-query', 'cancel']);
    assert.equal(poolVerdict({ ...calm, busy: [busy(1, 'active', 31)] }).main.cause, 'slow-query');
  });

  it('puts what keeps most connections first, and counts no waiter for a lock as slow', () => {
    const leaks = [1, 2, 3].map((pid) => busy(pid, 'idle in transaction', 60));
    const slow = [4, 5].map((pid) => busy(pid, 'active', 60));
    const waits = [6, 7, 8, 9].map((pid) => busy(pid, 'active', 60, { waitsForLock: true }));
    const { main, others } = poolVerdict({ ...calm, busy: [...slow, ...leaks, ...waits] });
    assert.deepEqual([main.cause, ...others.map(({ cause }) => cause)], ['leak', 'slow-query']);
    assert.match(others[0]?.headline ?? '', /2 sessions/);
    assert.match(poolVerdict({ ...calm, busy: slow }).main.lines.join(' '), /2 of them run the same statement/);
  });

  it('blames the size only where nothing else is wrong, and sends to the arithmetic', () => {
    const groups = [group('orders-api', { active: 2, inTransaction: 1 })];
    const full = {
      ...calm,
      groups,
      layers: [{ kind: 'application', words: 'shop 10/10', full: true, lent: 1 } as const],
    };
    assert.deepEqual([poolVerdict(full).main.cause, poolVerdict(full).main.next?.step], ['pool-size', 'size']);
    assert.equal(poolVerdict({ ...calm, sessions: { ...sessions, used: 97, idle: 95 } }).main.cause, 'idle-sessions');
  });

  it('tells connections that the application holds for nothing from a pool that is too small', () => {
    const layers = [{ kind: 'application', words: 'shop 10/10', full: true, lent: 1 } as const];
    const groups = [group('orders-api', { idle: 10 }), group('db-ops-panel', { active: 1 })];
    const { main, recommended } = poolVerdict({ ...calm, layers, groups });
    assert.deepEqual([main.cause, main.next, recommended], ['held', undefined, undefined]);
    const past = layers.map((layer) => ({ ...layer, lent: 0.1 }));
    assert.equal(poolVerdict({ ...calm, layers: past, groups }).main.cause, 'pool-size', 'timeouts of a minute ago');
    const small = poolVerdict({ ...calm, layers, groups: [group('orders-api', { active: 3, idle: 7 })] }).main;
    assert.equal(small.cause, 'pool-size');
    assert.match(small.lines.join(' '), /3 sessions of all applications at work/);
  });

  it('is never green under a limited view', () => {
    const evidence = { ...calm, sessions: { ...sessions, limited: true } };
    const verdict = poolVerdict(evidence);
    assert.equal(verdict.main.cause, 'hidden');
    assert.ok(poolMeasures(evidence, verdict).some(({ good }) => good === null));
  });

  it('does not call a pool that could not be read free', () => {
    const unread: PoolEvidence = {
      ...calm,
      layers: [{ kind: 'application', words: 'shop not readable', full: null, lent: null }],
    };
    const verdict = poolVerdict(unread);
    assert.match(verdict.main.headline, /^No pool that could be read/);
    assert.match(verdict.main.lines.join(' '), /Some pools could not be read/);
    const pools = poolMeasures(unread, verdict).find(({ name }) => name === 'Pools that are full');
    assert.deepEqual([pools?.shown, pools?.good], ['0, 1 not read', null]);
    assert.match(poolVerdict(calm).main.lines.join(' '), /so theirs are not known/);
  });
});

describe('the advice on sizes', () => {
  const limits: ServerLimits = {
    maxConnections: 100,
    superuserReserved: 3,
    reserved: 5,
    used: 40,
    workMemBytes: 4 * 1024 ** 2,
    standbys: 2,
    inRecovery: false,
    major: 17,
  };
  it('shows its arithmetic and what raising max_connections does to standbys', () => {
    const text = sizeAdvice(limits, []).join('\n');
    assert.match(
      text,
      /100 \(max_connections\) - 3 \(superuser_reserved_connections\) - 5 \(reserved_connections\) = 92/,
    );
    assert.match(text, /0\.8 × 92 = 73/);
    assert.match(text, /raise and restart THEM first.*their replay pauses/);
    assert.match(sizeAdvice({ ...limits, major: 13 }, []).join('\n'), /they shut down/);
    assert.match(sizeAdvice({ ...limits, inRecovery: true }, []).join('\n'), /This is a standby/);
  });
});
