import assert from 'node:assert/strict';
import { buildLockState } from '../../../src/core/health/blocking-graph';
import type { LockState } from '../../../src/core/health/blocking';
import type { Backend } from '../../../src/core/pooler/backend';
import { traceChain, type ChainApplication, type ChainInput } from '../../../src/core/pooler/chain';
import { describeLink } from '../../../src/core/pooler/describe-link';
import type { PoolerState } from '../../../src/core/pooler/pooler-state';
import { readPooler } from '../../../src/core/pooler/read-pooler';
import { lockRow } from '../health/lock-rows';
import { consoleOf } from './console-rows';

const noTimer = { count: null, totalS: null, maxS: null };

function application(name: string, behindPooler: boolean): ChainApplication {
  const numbers = { active: 10, idle: 0, pending: 15, max: 10, min: 2, total: 10, timeouts: 0 };
  return {
    endpoint: { id: name, name, url: 'http://x/actuator', instances: 1, behindPooler },
    pools: [{ name: `${name}-pool`, ...numbers, acquire: noTimer, usage: noTimer, creation: noTimer }],
  };
}

function backend(pid: number, values: Partial<Backend> = {}): Backend {
  return {
    ...{ pid, database: 'shop_prod', user: 'app', application: 'api', clientAddress: '10.0.0.9', clientPort: 40001 },
    ...{ state: 'active', waitEventType: 'Lock', queryAgeS: 93, stateAgeS: 93, transactionAgeS: 94 },
    query: 'UPDATE orders\n  SET n = 1',
    ...values,
  };
}

/** 4310 waits for 4300, which waits for 4242, which waits for nobody. */
function locks(): LockState {
  const rows = [lockRow(4310, [4300]), lockRow(4300, [4242]), lockRow(4242)];
  return buildLockState(rows, false);
}

describe('the chain', () => {
  let pooler: PoolerState;
  before(async () => {
    pooler = await readPooler(consoleOf('1.24.1'));
  });
  const trace = (input: Partial<ChainInput>): ReturnType<typeof traceChain> =>
    traceChain({
      applications: [application('shop', true)],
      pooler,
      backends: [backend(4310)],
      locks: locks(),
      ...input,
    });

  it('leads from the application to the root', () => {
    const [path, ...others] = trace({});
    assert.deepEqual(others, []);
    assert.deepEqual(
      path?.links.map((link) => describeLink(link).label),
      ['shop', 'PgBouncer shop', 'client 10.0.0.7:51234', 'server connection 10.0.0.1:5432', '4310', '4300', '4242'],
    );
    assert.deepEqual([path.reason, path.frees], ['blocked', 2]);
    assert.equal(describeLink(path.links[1]!).description, '5/5 · 1 waiting 9.2 s');
    assert.equal(describeLink(path.links[4]!).description, 'waits for a lock 93 s · UPDATE orders SET n = 1');
  });

  it('does not take a backend for the right one by its pid alone', () => {
    const wrong: [string, Partial<Backend>][] = [
      ['another database', { database: 'other' }],
      ['another user', { user: 'other' }],
      ['another port of the same address', { clientPort: 40002 }],
    ];
    for (const [what, values] of wrong) {
      const [path] = trace({ backends: [backend(4310, values)] });
      assert.deepEqual([path?.links.at(-1)?.kind, path?.reason], ['lost', 'unknown'], what);
    }
    const [behindNat] = trace({ backends: [backend(4310, { clientAddress: '192.168.1.1', clientPort: 999 })] });
    assert.equal(behindNat?.links[4]?.kind, 'backend');
    const [gone] = trace({ backends: [] });
    assert.match(describeLink(gone!.links.at(-1)!).description, /another pooler/);
  });

  it('names the client that holds the lock when it came through the pooler', () => {
    const holder = { ...pooler.clients[1]!, pointer: '0xc9', link: '0xa9', application: 'billing' };
    const server = { ...pooler.servers[0]!, pointer: '0xa9', link: '0xc9', remotePid: 4242 };
    const both = { ...pooler, clients: [...pooler.clients, holder], servers: [...pooler.servers, server] };
    const [path] = trace({ pooler: both });
    assert.match(describeLink(path!.links.at(-1)!).description, /^billing · .* client 10\.0\.0\.8:51235$/);
  });

  it('puts what explains most first: blocked, idle in transaction, running, idle', () => {
    const at = (pid: number, values: Partial<Backend>): Backend =>
      backend(pid, { application: 'shop', waitEventType: null, ...values });
    const paths = trace({
      pooler: null,
      applications: [application('shop', false)],
      backends: [
        at(1, { state: 'idle' }),
        at(2, { state: 'active', queryAgeS: 3 }),
        at(3, { state: 'idle in transaction', stateAgeS: 40 }),
        at(4, { state: 'idle in transaction (aborted)', stateAgeS: 90 }),
        at(5, { state: null }),
        at(4310, {}),
        at(6, { application: 'psql' }),
      ],
    });
    const told = paths.map(({ links, reason, ageS }) => {
      const last = links.find((link) => link.kind === 'backend');
      return [last?.kind === 'backend' && last.backend.pid, reason, ageS];
    });
    assert.deepEqual(told.slice(1), [
      [4, 'idle in transaction', 90],
      [3, 'idle in transaction', 40],
      [2, 'running', 3],
      [5, 'unknown', null],
      [1, 'idle', 93],
    ]);
    assert.deepEqual(told[0]?.slice(0, 2), [4310, 'blocked']);
  });

  it('leaves the application out where it cannot be told', () => {
    const [path] = trace({ applications: [application('a', true), application('b', true)] });
    assert.equal(path?.links[0]?.kind, 'pooler');
    const [named] = trace({ applications: [application('other', true), application('api', true)] });
    assert.equal(describeLink(named!.links[0]!).label, 'api');
  });

  it('ends in a circle', () => {
    const circle = buildLockState([lockRow(4310, [2]), lockRow(2, [4310])], false);
    const [path] = trace({ locks: circle });
    assert.deepEqual(
      path?.links.filter((link) => link.kind === 'blocker').map((link) => describeLink(link).label),
      ['2'],
    );
  });
});
