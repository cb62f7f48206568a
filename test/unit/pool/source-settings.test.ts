import assert from 'node:assert/strict';
import { readSources } from '../../../src/core/pool/source-settings';
import { readPrometheus } from '../../../src/core/prometheus/prometheus-settings';

const url = 'http://localhost:8080/actuator';

describe('the settings of applications and poolers', () => {
  it('belong to connections, several instances of one application among them', () => {
    const { sources, problems } = readSources(
      [
        { connection: 'shop', name: 'api', url, instances: 3, behindPooler: true },
        { connection: 'shop', name: 'api', url: 'http://localhost:8081/actuator' },
        { connection: 'other', url },
      ],
      [{ connection: 'shop', host: 'localhost', user: 'stats' }],
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      sources.map(({ connectionId, applications, poolers }) => [connectionId, applications.length, poolers.length]),
      [
        ['shop', 2, 1],
        ['other', 1, 0],
      ],
    );
    assert.deepEqual(
      sources[0]?.applications.map(({ id, instances, behindPooler }) => [id, instances, behindPooler]),
      [
        ['shop/api', 3, true],
        ['shop/api', 1, false],
      ],
    );
    assert.deepEqual(sources[0].poolers[0]?.target, { host: 'localhost', port: 6432, user: 'stats' });
  });

  it('that cannot be used are named, and harm no other', () => {
    const { sources, problems } = readSources(
      [
        7,
        { url },
        { connection: 'a', url: 'localhost:8080' },
        { connection: 'a', url: 'http://ops:secret-7@localhost/actuator' },
        { connection: 'a', url, password: 'secret-7' },
        { connection: 'a', url, instances: 0 },
        { connection: 'a', url, behindPooler: 'yes' },
        { connection: 'a', url },
        { connection: 'a', url },
      ],
      [
        { connection: 'a', host: 'postgres://h' },
        { connection: 'a', host: 'h', port: 0 },
        { connection: 'a', host: 'h', sslMode: 'on' },
      ],
    );
    assert.deepEqual([sources.length, sources[0]?.applications.length, sources[0]?.poolers.length], [1, 1, 0]);
    assert.equal(problems.length, 11);
    assert.ok(
      problems.every((problem) => /^Entry \d of dbOps\.(applications|poolers): .*\.$/.test(problem)),
      problems.join('\n'),
    );
    assert.doesNotMatch(problems.join(), /secret-7/);
    assert.match(problems[4] ?? '', /Store Credentials/);
    assert.deepEqual(readSources({}, 'x').problems, [
      'dbOps.applications must be a list.',
      'dbOps.poolers must be a list.',
    ]);
    assert.deepEqual(readSources(undefined, null), { sources: [], problems: [] });
  });
});

describe('the settings of Prometheus', () => {
  it('are read with their defaults', () => {
    const { servers, problems } = readPrometheus([
      { url: 'http://localhost:9090' },
      {
        name: 'prod',
        url: 'https://p/prometheus',
        group: 'cluster',
        only: 'env="prod",team=~"a|b"',
        staleSeconds: 60,
        connections: { shop: 'db:1' },
      },
    ]);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      servers.map(({ name, labels, staleS }) => [name, labels.group, labels.only, staleS]),
      [
        ['localhost:9090', 'job', '', 150],
        ['prod', 'cluster', 'env="prod",team=~"a|b"', 60],
      ],
    );
  });

  it('take nothing that could change a query', () => {
    const bad = [
      { url: 'http://x', only: '} or vector(1) #' },
      { url: 'http://x', only: 'a="b"} or up{' },
      { url: 'http://x', only: 'a="b" or c="d"' },
      { url: 'http://x', group: 'job) (up' },
      { url: 'http://x', staleSeconds: 1 },
      { url: 'http://x', connections: { a: 1 } },
      { url: 'ftp://x' },
      { url: 'http://u:p@x' },
      { url: 'http://x', token: 't' },
      null,
    ];
    const { servers, problems } = readPrometheus(bad);
    assert.deepEqual([servers.length, problems.length], [0, bad.length]);
    const kept = readPrometheus([{ url: 'http://x', metrics: { lagSeconds: 'a"b' } }]);
    assert.deepEqual([kept.servers.length, kept.problems.length], [1, 1]);
  });
});
