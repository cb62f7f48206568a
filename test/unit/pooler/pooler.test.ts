import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evaluatePooler } from '../../../src/core/pooler/pooler-evaluation';
import { readPooler } from '../../../src/core/pooler/read-pooler';
import { showCommands } from '../../../src/core/ports/pooler-console';
import { consoleOf, rowsOf, versions } from './console-rows';

describe('the console of PgBouncer', () => {
  for (const version of versions) {
    it(`of ${version} is read by the names of its columns`, async () => {
      const state = await readPooler(consoleOf(version));
      assert.deepEqual(state.pools, [
        {
          ...{ database: 'shop', user: 'app', clientsActive: 7, clientsWaiting: 1, serversActive: 5, serversIdle: 0 },
          ...{ serversUsed: 0, serversTested: 0, serversLogin: 0, maxWaitS: 9.25, poolMode: 'transaction' },
        },
      ]);
      assert.deepEqual(state.databases, [
        {
          ...{ name: 'shop', host: '10.0.0.1', port: 5432, database: 'shop_prod', poolSize: 5, reserveSize: 3 },
          ...{ maxConnections: 0, connections: 5, paused: false, disabled: false },
        },
      ]);
      assert.equal(state.stats[0]?.averageWaitS, 0.0015);
      assert.equal(state.clients[0]?.application, version === '1.16.1' ? null : 'api');
      assert.deepEqual([state.clients[1]?.link, state.clients[1]?.waitS], [null, 9.25]);
      assert.deepEqual([state.servers[0]?.remotePid, state.servers[0]?.localPort], [4310, 40001]);
      const [item] = evaluatePooler(state);
      assert.deepEqual(
        [item?.evaluation.severity, item?.evaluation.summary],
        ['critical', 'shop: 5/5 · 1 waiting 9.2 s'],
      );
    });
  }

  const judged = async (pool: object, database: object = {}): Promise<string> => {
    const rows = rowsOf('1.24.1');
    const quiet = { cl_waiting: 0, maxwait: 0, maxwait_us: 0, ...pool };
    const changed = {
      ...rows,
      POOLS: [{ ...rows.POOLS?.[1], ...quiet }],
      DATABASES: [{ ...rows.DATABASES?.[1], ...database }],
    };
    const [item] = evaluatePooler(await readPooler(consoleOf('1.24.1', changed)));
    return `${item?.evaluation.severity}: ${item?.evaluation.summary}`;
  };
  const cases: [string, object, object, string][] = [
    ['full without waiting is no trouble', {}, {}, 'ok: shop: 5/5'],
    ['waiting is a warning', { cl_waiting: 2 }, {}, 'warning: shop: 5/5 · 2 waiting'],
    ['a wait alone is one too', { maxwait_us: 400_000 }, {}, 'warning: shop: 5/5 · 0 waiting 0.4 s'],
    ['paused is a warning', { sv_active: 0 }, { paused: 1 }, 'warning: shop: 0/5 · paused'],
    ['disabled is a warning', { sv_active: 0 }, { disabled: '1' }, 'warning: shop: 0/5 · disabled'],
    ['a missing column is unknown', { cl_waiting: undefined }, {}, 'unknown: shop: 5/5'],
    ['a negative number is unknown', { sv_active: -1 }, {}, 'unknown: shop: ?/5'],
    ['a word is unknown', { sv_active: 'many' }, { pool_size: NaN }, 'unknown: shop: ?/?'],
  ];
  for (const [what, pool, database, expected] of cases) {
    it(`says that ${what}`, async () => assert.equal(await judged(pool, database), expected));
  }

  it('may hold anything', async () => {
    const cell = fc.oneof(fc.string(), fc.integer(), fc.constantFrom(NaN, Infinity, null), fc.boolean());
    const columns = fc.constantFrom(
      'database',
      'name',
      'cl_waiting',
      'sv_active',
      'maxwait',
      'pool_size',
      'link',
      'key',
      'value',
    );
    const rows = fc.record(
      Object.fromEntries(
        showCommands.map((command) => [command, fc.array(fc.dictionary(columns, cell), { maxLength: 4 })]),
      ),
    );
    await fc.assert(
      fc.asyncProperty(rows, async (some) => {
        for (const { pool, evaluation } of evaluatePooler(await readPooler(consoleOf('1.24.1', some)))) {
          // A database may be called "-0" or "null"; what is said of it may not.
          assert.ok(evaluation.summary.startsWith(`${pool.database}: `));
          assert.doesNotMatch(evaluation.summary.slice(pool.database.length), /NaN|-\d|undefined|null/);
        }
      }),
    );
  });
});
