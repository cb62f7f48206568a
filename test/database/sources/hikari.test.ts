import assert from 'node:assert/strict';
import { evaluateHealth } from '../../../src/core/pool/application-health';
import type { ApplicationEndpoint } from '../../../src/core/pool/application-endpoint';
import type { ApplicationPool } from '../../../src/core/pool/application-pool';
import { evaluatePool } from '../../../src/core/pool/pool-evaluation';
import { PoolHistory } from '../../../src/core/pool/pool-history';
import { FetchReader } from '../../../src/sources/http/fetch-reader';
import { readHealth } from '../../../src/sources/hikari/health-reader';
import { PoolReader } from '../../../src/sources/hikari/pool-reader';
import { until } from '../../lab/faults';
import { hikariObstacle, startHikariApp, type HikariApp } from '../../lab/hikari/hikari-app';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';

const noCredentials = { credentials: () => Promise.resolve(undefined) };

describe('a real HikariCP', function () {
  let lab: Lab;
  let app: HikariApp;
  before(async function () {
    const obstacle = hikariObstacle();
    if (obstacle !== undefined) {
      console.log(`      ${obstacle} The tests with a real HikariCP are skipped.`);
      this.skip();
    }
    lab = await sharedLab({ major: 18, standbys: 1 });
    app = await startHikariApp(lab.primary, 'shop-api:10,reports:5');
  });
  // Undefined when the tests were skipped.
  after(async () => (app as HikariApp | undefined)?.stop());

  const endpoint = (path: string): ApplicationEndpoint => ({
    id: path,
    name: 'shop',
    url: `${app.origin}${path}`,
    instances: 1,
    behindPooler: false,
  });
  const reader = new PoolReader(new FetchReader(), noCredentials);

  for (const [path, road] of [
    ['/actuator', 'Actuator JSON'],
    ['/actuator/metrics/hikari.connections.active', 'Actuator JSON'],
    ['/text/actuator', 'Prometheus text'],
    ['/text/actuator/prometheus', 'Prometheus text'],
  ] as const) {
    it(`is read as ${road} at ${path}, pool by pool`, async () => {
      const report = await reader.read(endpoint(path));
      assert.equal(report.road, road);
      assert.deepEqual(
        report.pools.map((pool) => [pool.name, pool.max, pool.min, pool.active, pool.pending, pool.timeouts]),
        [
          ['reports', 5, 2, 0, 0, 0],
          ['shop-api', 10, 2, 0, 0, 0],
        ],
      );
      assert.deepEqual(report.problems, []);
    });
  }

  it('shows a full pool with its waiting threads, their time-outs, and health that is slow', async () => {
    const history = new PoolHistory();
    const read = async (): Promise<ApplicationPool> => {
      const found = (await reader.read(endpoint('/actuator'))).pools.find((pool) => pool.name === 'shop-api')!;
      history.add(found, Date.now());
      return found;
    };
    const evaluate = async (): Promise<ReturnType<typeof evaluatePool>> =>
      evaluatePool(await read(), { recentTimeouts: history.recentTimeouts, leak: history.leak });
    assert.equal((await evaluate()).severity, 'ok');
    await app.control('shop-api', 'hold/9');
    await until('nine are active', async () => (await read()).active === 9);
    assert.deepEqual([(await evaluate()).severity, (await evaluate()).summary], ['warning', '9/10']);
    await app.control('shop-api', 'hold/1');
    await app.control('shop-api', 'wait/15');
    await until('fifteen wait', async () => (await read()).pending === 15);
    assert.deepEqual([(await evaluate()).severity, (await evaluate()).summary], ['critical', '10/10 · 15 pending']);
    const health = await readHealth(endpoint('/actuator'), new FetchReader(), noCredentials);
    assert.ok(health.kind === 'answered' && health.tookMs > 2500 && health.database === 'DOWN', JSON.stringify(health));
    assert.equal(evaluateHealth(health).severity, 'critical');
    await until('they time out', async () => (await read()).timeouts === 16);
    const failed = await evaluate();
    assert.equal(failed.severity, 'critical');
    assert.match(failed.summary, /10\/10 · 1[56] timeouts/);
    await app.control('shop-api', 'release');
    await until('the pool is free', async () => (await read()).active === 0);
    assert.equal((await readHealth(endpoint('/text/actuator'), new FetchReader(), noCredentials)).kind, 'answered');
  });

  it('gives what is not there a reason', async () => {
    await assert.rejects(reader.read(endpoint('/nothing/actuator')), { name: 'SourceError', reason: 'not-exposed' });
    const health = await readHealth(endpoint('/nothing/actuator'), new FetchReader(), noCredentials);
    assert.equal(health.kind, 'not-exposed');
    const gone = new PoolReader(new FetchReader(), noCredentials);
    await assert.rejects(gone.read({ ...endpoint('/actuator'), url: 'http://127.0.0.1:9/actuator' }), {
      name: 'SourceError',
    });
  });
});
