import assert from 'node:assert/strict';
import { FetchReader } from '../../../src/sources/http/fetch-reader';
import { readHealth } from '../../../src/sources/hikari/health-reader';
import { PoolReader } from '../../../src/sources/hikari/pool-reader';
import { pages, startWebServer, type WebServer } from './web-server';

const gauge = (value: unknown, pools: readonly string[] = []): readonly [string, string] => [
  'application/json',
  JSON.stringify({
    measurements: [{ statistic: 'VALUE', value }],
    availableTags: pools.length > 0 ? [{ tag: 'pool', values: pools }] : [],
  }),
];

describe('the pools of an application', () => {
  let server: WebServer;
  before(async () => {
    server = await startWebServer();
  });
  after(() => server.stop());
  const secrets = { credentials: () => Promise.resolve({ kind: 'bearer', token: 'abc' } as const) };
  const endpoint = (path: string): Parameters<PoolReader['read']>[0] => ({
    id: 'shop',
    name: 'shop',
    url: `${server.origin}${path}`,
    instances: 1,
    behindPooler: false,
  });
  const read = (path: string, reader = new PoolReader(new FetchReader(), secrets)): ReturnType<PoolReader['read']> =>
    reader.read(endpoint(path));

  it('are asked for one by one, since the Actuator adds them up', async () => {
    server.answer = pages({
      '/actuator/metrics/hikaricp.connections.active': gauge(12, ['a', 'b']),
      '/actuator/metrics/hikaricp.connections.active?tag=pool%3Aa': gauge(9),
      '/actuator/metrics/hikaricp.connections.active?tag=pool%3Ab': gauge(3),
      '/actuator/metrics/hikaricp.connections.max?tag=pool%3Aa': gauge(10),
    });
    const { pools, road } = await read('/actuator');
    assert.equal(road, 'Actuator JSON');
    assert.deepEqual(
      pools.map(({ name, active, max, pending }) => [name, active, max, pending]),
      [
        ['a', 9, 10, null],
        ['b', 3, null, null],
      ],
    );
    assert.ok(server.asked.every((request) => request.authorization === 'Bearer abc'));
  });

  it("are found under the guide's names and behind a root at another path", async () => {
    server.answer = pages({
      '/manage': ['application/json', '{"_links":{}}'],
      '/manage/actuator/metrics/hikari.connections.active': gauge(2),
    });
    const { pools } = await read('/manage');
    assert.deepEqual([pools.length, pools[0]?.name, pools[0]?.active], [1, 'HikariCP', 2]);
  });

  it('are read from one page once it is known, and looked for anew when it is gone', async () => {
    const reader = new PoolReader(new FetchReader(), secrets);
    const text = 'hikaricp_connections_active{pool="p"} 1\n';
    server.answer = pages({ '/actuator/prometheus': ['text/plain', text] });
    await read('/actuator', reader);
    server.asked.length = 0;
    assert.equal((await read('/actuator', reader)).road, 'Prometheus text');
    assert.deepEqual(
      server.asked.map((request) => request.url),
      ['/actuator/prometheus'],
    );
    server.answer = pages({ '/actuator/metrics/hikaricp.connections.active': gauge(4) });
    assert.equal((await read('/actuator', reader)).road, 'Actuator JSON');
  });

  it('are read from Dropwizard, grouped or flat', async () => {
    const grouped = {
      version: '4.0.0',
      gauges: {
        'Hikari.Pool-1.pool.ActiveConnections': { value: 7 },
        'Hikari.Pool-1.pool.MaxConnections': { value: 'NaN' },
        'jvm.memory': { value: 1 },
      },
      meters: { 'Hikari.Pool-1.pool.ConnectionTimeoutRate': { count: 3, m1_rate: 0.2 } },
      timers: { 'Hikari.Pool-1.pool.Wait': { count: 40, max: 0.1 } },
    };
    server.answer = pages({
      '/metrics': ['application/json', JSON.stringify(grouped)],
      '/flat': ['application/json', '{"P.pool.IdleConnections":2}'],
      '/other': ['application/json', '{"answer":42}'],
    });
    const report = await read('/metrics');
    const [pool] = report.pools;
    assert.deepEqual(
      [pool?.name, pool?.active, pool?.max, pool?.timeouts, pool?.acquire.count],
      ['Hikari.Pool-1', 7, null, 3, 40],
    );
    assert.match(report.problems.join(), /"max" is NaN/);
    assert.equal((await read('/flat')).pools[0]?.idle, 2);
    await assert.rejects(read('/other'), { reason: 'not-metrics' });
  });

  const bad: [string, WebServer['answer'], string][] = [
    ['a web page', pages({ '/m': ['text/html', '<html>login</html>'] }), 'not-metrics'],
    ['a web page that says it is text', pages({ '/m': ['text/plain', '<!DOCTYPE html><html>'] }), 'not-metrics'],
    ['an image', pages({ '/m': ['image/png', '\u0089PNG\n\u0001\n\u0002'] }), 'not-metrics'],
    ['nothing', pages({ '/m': ['text/plain', ''] }), 'not-metrics'],
    ['broken JSON', pages({ '/m': ['application/json', '{"gauges":'] }), 'not-metrics'],
    ['metrics of something else', pages({ '/m': ['text/plain', 'jvm_threads 4\n'] }), 'not-exposed'],
    ['404', pages({}), 'not-exposed'],
    ['401', (_, response) => response.writeHead(401).end(), 'unauthorized'],
    ['500', (_, response) => response.writeHead(500).end('{}'), 'unexpected-status'],
  ];
  for (const [what, answer, reason] of bad) {
    it(`are not invented from ${what}`, async () => {
      server.answer = answer;
      await assert.rejects(read('/m'), { name: 'SourceError', reason });
    });
  }

  it('refuse an address that cannot be used or that holds a password', async () => {
    const reader = new PoolReader(new FetchReader(), secrets);
    for (const url of ['localhost:8080', 'file:///etc/passwd', 'http://', 'http://ops:secret-7@127.0.0.1/actuator']) {
      await assert.rejects(reader.read({ ...endpoint(''), url }), (error: Error & { reason?: string }) => {
        assert.equal(error.reason, 'bad-url');
        assert.doesNotMatch(error.message, /secret-7/);
        return true;
      });
    }
  });

  it('have a health of their own, which answers in states', async () => {
    const health = (): ReturnType<typeof readHealth> =>
      readHealth(endpoint('/actuator/prometheus'), new FetchReader(), secrets);
    server.answer = (_, response) =>
      response
        .writeHead(503, { 'content-type': 'application/json' })
        .end('{"status":"DOWN","details":{"db":{"status":"DOWN"}}}');
    const down = await health();
    assert.deepEqual(down.kind === 'answered' && [down.status, down.database, server.asked.at(-1)?.url], [
      'DOWN',
      'DOWN',
      '/actuator/health',
    ]);
    server.answer = pages({});
    assert.equal((await health()).kind, 'not-exposed');
    server.answer = pages({ '/actuator/health': ['text/html', '<html>'] });
    assert.equal((await health()).kind, 'failed');
  });
});
