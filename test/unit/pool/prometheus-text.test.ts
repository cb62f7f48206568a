import assert from 'node:assert/strict';
import fc from 'fast-check';
import { knownMetric } from '../../../src/core/pool/metric-names';
import { poolsFromText } from '../../../src/core/pool/pools-from-text';
import { parsePrometheusText } from '../../../src/core/pool/prometheus-text';

const all = (): boolean => true;

describe("Prometheus' text", () => {
  it('is read with escapes, timestamps, exemplars, quoted names and every spelling of numbers', () => {
    const text = [
      '# HELP a help with {braces} and "quotes"',
      'a 1',
      'b{x="1",} +Inf 1700000000000',
      'c {x = "a\\"b\\\\c\\nd,}", y="2"} -3.5e-2',
      'd_total{le="+Inf"} 17 # {trace_id="oHg5SJYRHA0"} 9.8 1.5e9',
      '{"e.dotted", "my.label"="v"} NaN',
      'f:g .5',
      '# EOF',
    ].join('\r\n');
    const { samples, brokenLines } = parsePrometheusText(text, all);
    assert.equal(brokenLines, 0);
    assert.deepEqual(
      samples.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value]),
      [
        ['a', {}, 1],
        ['b', { x: '1' }, Infinity],
        ['c', { x: 'a"b\\c\nd,}', y: '2' }, -0.035],
        ['d_total', { le: '+Inf' }, 17],
        ['e.dotted', { 'my.label': 'v' }, NaN],
        ['f:g', {}, 0.5],
      ],
    );
  });

  it('loses only the lines that are broken', () => {
    const { samples, brokenLines } = parsePrometheusText('a\nb{x="1" 2\nc{x=1} 2\n5 5\nd 0x10\ne 1\n{} 1', all);
    assert.deepEqual([samples.map((sample) => sample.name), brokenLines], [['e'], 6]);
  });

  it('gives back any label', () => {
    const escape = (text: string): string =>
      text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true }), (label, value) => {
        fc.pre(!/[\r\u2028\u2029]/.test(label));
        const number = Object.is(value, -0) ? '-0' : String(value).replace('Infinity', 'Inf');
        const { samples } = parsePrometheusText(`m{l="${escape(label)}",k="v"} ${number}`, all);
        assert.equal(samples[0]?.labels.get('l'), label);
        assert.equal(samples[0].labels.get('k'), 'v');
        assert.ok(Object.is(samples[0].value, value));
      }),
    );
  });

  it('takes any text without falling over', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parsePrometheusText(text, all);
        parsePrometheusText(`m{${text}} 1`, all);
        poolsFromText(text);
      }),
    );
  });

  it('of a million labels that never end is answered at once', () => {
    const started = Date.now();
    parsePrometheusText(`m{${'a="\\\\",'.repeat(300_000)}`, all);
    parsePrometheusText(`m{a="${'\\'.repeat(1_000_001)}`, all);
    parsePrometheusText(`${' '.repeat(1_000_000)}m{${' '.repeat(1_000_000)}`, all);
    assert.ok(Date.now() - started < 2000);
  });
});

describe('the names of a pool', () => {
  const schemes: [string, ReturnType<typeof knownMetric>][] = [
    ['hikaricp_connections', { field: 'total', scale: 1 }],
    ['hikaricp_connections_active', { field: 'active', scale: 1 }],
    ['hikaricp_connections_timeout_total', { field: 'timeouts', scale: 1 }],
    ['hikaricp_connections_acquire_seconds_max', { field: 'acquire.maxS', scale: 1 }],
    ['hikaricp_connections_usage_seconds_count', { field: 'usage.count', scale: 1 }],
    ['hikaricp_connections_creation_milliseconds_sum', { field: 'creation.totalS', scale: 1e-3 }],
    ['hikaricp_active_connections', { field: 'active', scale: 1 }],
    ['hikaricp_pending_threads', { field: 'pending', scale: 1 }],
    ['hikaricp_max_connections', { field: 'max', scale: 1 }],
    ['hikaricp_connection_timeout_total', { field: 'timeouts', scale: 1 }],
    ['hikaricp_connection_acquired_nanos_sum', { field: 'acquire.totalS', scale: 1e-9 }],
    ['hikaricp_connection_usage_millis_count', { field: 'usage.count', scale: 1 }],
    ['HikariPool-1.pool.ActiveConnections', { field: 'active', scale: 1, pool: 'HikariPool-1' }],
    ['HikariPool_1_pool_PendingConnections', { field: 'pending', scale: 1, pool: 'HikariPool_1' }],
    ['hikari_connections_active', { field: 'active', scale: 1 }],
    ['hikari.connections.pending', { field: 'pending', scale: 1 }],
    ['hikari_connections_timeout', { field: 'timeouts', scale: 1 }],
    ['hikaricp_connections_acquire_seconds', undefined],
    ['hikaricp_connection_acquired_nanos', undefined],
    ['hikaricp_connections_active_count', undefined],
    ['hikari_connections_validation_time', undefined],
    ['jdbc_connections_active', undefined],
    ['tomcat.pool.Size', undefined],
    ['constructor', undefined],
    ['a.pool.constructor', undefined],
    ['hikaricp_connections_constructor', undefined],
  ];
  for (const [name, expected] of schemes) {
    it(`${name} is ${expected ? expected.field : 'none'}`, () => assert.deepEqual(knownMetric(name), expected));
  }

  it("of HikariCP's own page become one pool, quantiles left aside", () => {
    const report = poolsFromText(
      [
        'hikaricp_active_connections{pool="shop",} 3.0',
        'hikaricp_connection_acquired_nanos{pool="shop",quantile="0.95",} 5.0',
        'hikaricp_connection_acquired_nanos_count{pool="shop",} 8.0',
        'hikaricp_connection_acquired_nanos_sum{pool="shop",} 4.0E9',
      ].join('\n'),
    );
    assert.equal(report?.pools.length, 1);
    assert.deepEqual(
      [report.pools[0]?.active, report.pools[0]?.acquire, report.pools[0]?.max],
      [3, { count: 8, totalS: 4, maxS: null }, null],
    );
  });

  it('are told apart by their other labels when several applications share one', () => {
    const report = poolsFromText(
      'hikaricp_connections_active{application="a",pool="p"} 1\nhikaricp_connections_active{application="b",pool="p"} 2\n',
    );
    assert.deepEqual(
      report?.pools.map((pool) => [pool.name, pool.active]),
      [
        ['p (application=a)', 1],
        ['p (application=b)', 2],
      ],
    );
  });

  it('with values that cannot be are not exposed, and the report says so', () => {
    const report = poolsFromText(
      ['NaN', '-1', '+Inf', '4'].map((value, i) => `hikaricp_connections_active{pool="${i}"} ${value}`).join('\n'),
    );
    assert.ok(report);
    assert.deepEqual(
      report.pools.map((pool) => pool.active),
      [null, null, null, 4],
    );
    assert.equal(report.problems.length, 3);
  });
});
