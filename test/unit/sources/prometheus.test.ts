import assert from 'node:assert/strict';
import { buildFleet, type FleetAnswers, type FleetServer } from '../../../src/core/prometheus/fleet';
import { fleetFindings, fleetStatus, inOrderOfTrouble } from '../../../src/core/prometheus/fleet-findings';
import { defaultLabels, fleetQueries } from '../../../src/core/prometheus/fleet-queries';
import { defaultMapping, readMapping } from '../../../src/core/prometheus/metric-mapping';
import { FetchReader } from '../../../src/sources/http/fetch-reader';
import { PrometheusClient } from '../../../src/sources/prometheus/prometheus-client';
import { startWebServer, type WebServer } from './web-server';

describe('a server that should be a Prometheus', () => {
  let server: WebServer;
  before(async () => {
    server = await startWebServer();
  });
  after(() => server.stop());
  const query = (path = ''): ReturnType<PrometheusClient['query']> =>
    new PrometheusClient(new URL(`${server.origin}${path}`), new FetchReader(), () =>
      Promise.resolve({ kind: 'basic', user: 'u', password: 'p' }),
    ).query('pg_up{a="b c"}');
  const answers = (status: number, type: string, body: string): void => {
    server.answer = (_, response) => response.writeHead(status, { 'content-type': type }).end(body);
  };
  const vector = (...result: readonly unknown[]): string =>
    JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });

  it('is asked below its path, whole or with /api/v1, with credentials', async () => {
    answers(200, 'application/json', vector());
    await query();
    await query('/prometheus/');
    await query('/prometheus/api/v1');
    const asked = server.asked.map(({ url }) => new URL(url, server.origin));
    assert.deepEqual(
      asked.map((url) => url.pathname),
      ['/api/v1/query', '/prometheus/api/v1/query', '/prometheus/api/v1/query'],
    );
    assert.deepEqual(
      [asked[0]?.searchParams.get('query'), asked[0]?.searchParams.get('timeout')],
      ['pg_up{a="b c"}', '8s'],
    );
    assert.equal(server.asked[0]?.authorization, 'Basic dTpw');
  });

  it('gives its numbers from text, and leaves out what is no sample', async () => {
    const sample = (value: unknown): object => ({ metric: { __name__: 'm', a: 'b' }, value: [1.5, value] });
    answers(
      200,
      'application/json',
      vector(sample('1e3'), sample('NaN'), sample('+Inf'), sample('-Inf'), sample(3), {}, null),
    );
    const { samples } = await query();
    assert.deepEqual(
      samples.map(({ value }) => value),
      [1000, NaN, Infinity, -Infinity],
    );
    assert.deepEqual([samples[0]?.name, samples[0]?.atS, [...(samples[0]?.labels ?? [])]], ['m', 1.5, [['a', 'b']]]);
  });

  const bad: [string, number, string, string, string, RegExp][] = [
    [
      'an error',
      400,
      'application/json',
      '{"status":"error","errorType":"bad_data","error":"parse error"}',
      'query-failed',
      /bad_data.*parse error/,
    ],
    [
      'an error with status 200',
      200,
      'application/json',
      '{"status":"error","errorType":"timeout","error":"x"}',
      'query-failed',
      /timeout/,
    ],
    [
      'too long a reason',
      422,
      'application/json',
      `{"status":"error","error":"${'x'.repeat(9999)}"}`,
      'query-failed',
      /^.{0,450}$/,
    ],
    ['a web page', 200, 'text/html', '<html>', 'not-metrics', /web page/],
    ['404', 404, 'text/plain', '404 page not found', 'not-metrics', /no Prometheus answers/],
    ['401', 401, 'text/plain', 'Unauthorized', 'unauthorized', /401/],
    ['503', 503, 'text/plain', 'Service Unavailable', 'unexpected-status', /503/],
    ['half a JSON', 200, 'application/json', '{"status":"success","da', 'not-metrics', /not answer like/],
    ['another JSON', 200, 'application/json', '{"hello":1}', 'not-metrics', /not answer like/],
    [
      'a matrix',
      200,
      'application/json',
      '{"status":"success","data":{"resultType":"matrix","result":[]}}',
      'not-metrics',
      /matrix/,
    ],
    ['too much', 200, 'application/json', 'x'.repeat(6 * 1024 * 1024), 'too-large', /5 MB/],
  ];
  for (const [what, status, type, body, reason, message] of bad) {
    it(`that answers with ${what} gives a reason and no number`, async () => {
      answers(status, type, body);
      await assert.rejects(query(), (error: Error & { reason?: string }) => {
        assert.equal(error.reason, reason);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});

describe('a mapping of metrics', () => {
  it('knows what queries.yaml calls the times of statements', () => {
    const { gauges } = fleetQueries(defaultMapping, defaultLabels);
    for (const of of ['mean', 'max']) assert.match(gauges, new RegExp(`pg_stat_statements_${of}_time_seconds`));
  });

  it('puts the names of a person first', () => {
    const { mapping, problems } = readMapping({ lagSeconds: 'my:lag', sessions: ['a', 'pg_stat_activity_count'] });
    assert.deepEqual(problems, []);
    assert.deepEqual(mapping.lagSeconds.slice(0, 2), ['my:lag', 'pg_replication_lag_seconds']);
    assert.deepEqual(mapping.sessions, ['a', 'pg_stat_activity_count', 'postgresql_connections']);
    assert.match(
      fleetQueries(mapping, { ...defaultLabels, only: 'env="prod"' }).gauges,
      /\|my:lag\|.*",env="prod"\}\)$/,
    );
  });

  it('takes nothing that could change a query', () => {
    const bad = { lagSeconds: 'x"} or vector(1) #', sessions: [7], nothing: 'a', up: '' };
    const { mapping, problems } = readMapping(bad);
    assert.equal(problems.length, 4);
    assert.deepEqual(mapping, defaultMapping);
    assert.equal(readMapping(['a']).problems.length, 1);
  });
});

describe('a server of the fleet', () => {
  const empty = { samples: [], warnings: [] };
  const sample = (
    name: string,
    value: number,
    labels: Record<string, string> = {},
  ): FleetAnswers['known']['samples'][number] => ({
    name,
    labels: new Map(Object.entries({ job: 'j', instance: 'i', ...labels })),
    atS: 1000,
    value,
  });
  const built = (
    up: number,
    scrapedS: number | null,
    gauges: Record<string, number>,
    sessions = 5,
    version = '0.19.0',
  ): FleetServer =>
    buildFleet(
      {
        ...{ known: { samples: [sample('pg_up', up)], warnings: [] }, sums: empty, deadlocks: empty },
        times: scrapedS === null ? empty : { samples: [sample('', scrapedS)], warnings: [] },
        gauges: {
          samples: [
            sample('postgres_exporter_build_info', 1, { version }),
            ...Object.entries(gauges).map(([name, value]) => sample(name, value)),
          ],
          warnings: [],
        },
        states: { samples: [sample('pg_stat_activity_count', sessions, { state: 'idle' })], warnings: [] },
      },
      defaultMapping,
      defaultLabels,
    )[0]!;
  const told = (server: FleetServer): string =>
    `${fleetStatus(server)}: ${fleetFindings(server)
      .map(({ severity, words }) => `${severity} ${words}`)
      .join(', ')}`;

  it('says what it knows, worst first', () => {
    const gauges = { pg_replication_is_replica: 1, pg_replication_lag_seconds: 7, pg_settings_max_connections: 10 };
    assert.equal(told(built(1, 995, gauges)), 'critical: critical lag 7 s, ok up, ok 5/10 sessions');
    assert.equal(told(built(1, 995, { pg_settings_max_connections: 10 }, 9)), 'warning: warning 9/10 sessions, ok up');
    assert.equal(told(built(1, 995, {})), 'ok: ok up, ok 5 sessions of an unknown maximum');
  });

  it('is not believed when it is down, stale or gone', () => {
    const gauges = { pg_replication_lag: 0, pg_settings_max_connections: 100 };
    assert.equal(told(built(0, 995, gauges)), 'unreachable: critical DOWN');
    assert.equal(told(built(1, 849, gauges)), 'stale: unknown stale');
    assert.equal(told(built(1, 850, gauges)), 'ok: ok up, ok 5/100 sessions');
    assert.equal(told(built(1, NaN, gauges)), 'stale: unknown stale');
    assert.equal(told(built(1, null, gauges)), 'stale: unknown not reported any more');
  });

  it('stands before those that are fine when it is in trouble, and else by its name', () => {
    const named = (instance: string, up: number, sessions: number): FleetServer => ({
      ...built(up, 995, { pg_settings_max_connections: 10 }, sessions),
      instance,
    });
    const servers = [named('db-10', 1, 1), named('db-2', 1, 1), named('full', 1, 9), named('zz', 0, 1)];
    const ordered = inOrderOfTrouble(servers, () => (_, standard) => standard);
    assert.deepEqual(
      ordered.map(({ instance }) => instance),
      ['zz', 'full', 'db-2', 'db-10'],
    );
  });

  it('has no lag where 0 may mean a primary, and one that is only an upper bound is no alarm', () => {
    assert.equal(built(1, 995, { pg_replication_lag_seconds: 0, pg_replication_is_replica: 0 }).lagS, null);
    assert.equal(built(1, 995, { pg_replication_lag: 0 }).lagS, null);
    assert.equal(built(1, 995, { pg_replication_lag_seconds: 0, pg_replication_is_replica: 1 }).lagS, 0);
    assert.match(told(built(1, 995, { pg_replication_lag: 0.5 })), /^ok: .*ok lag at most 0\.5 s/);
    assert.match(told(built(1, 995, { pg_replication_lag: 9999 })), /^unknown: unknown lag at most 2 h 46 min/);
    const collector = { pg_replication_lag_seconds: 9999, pg_replication_is_replica: 1 };
    assert.match(told(built(1, 995, collector, 5, '0.13.2')), /^unknown: unknown lag at most 2 h 46 min/);
    assert.match(told(built(1, 995, collector, 5, '0.14.0')), /^critical: critical lag 2 h 46 min/);
  });
});
