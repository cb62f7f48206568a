import assert from 'node:assert/strict';
import { AlertBook } from '../../../src/core/alerts/alert-book';
import { FleetAlertWatch } from '../../../src/core/alerts/fleet-alert-watch';
import type { Incident } from '../../../src/core/alerts/incident';
import { Emitter } from '../../../src/core/ports/emitter';
import type { FleetReading, FleetServer } from '../../../src/core/prometheus/fleet';
import { FleetWatch } from '../../../src/core/prometheus/fleet-watch';
import { readPrometheus } from '../../../src/core/prometheus/prometheus-settings';
import { SourceError } from '../../../src/core/ports/source-error';
import { FakeClock } from '../../database/support/fake-clock';
import { standardLimits } from '../../database/support/settings';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

describe('servers that a Prometheus reports', () => {
  let clock: FakeClock;
  let book: AlertBook;
  let prometheus: FleetWatch;
  let watch: FleetAlertWatch;
  let told: Incident[][];
  let answer: () => readonly FleetServer[];
  let known = true;

  beforeEach(() => {
    clock = new FakeClock();
    known = true;
    answer = () => [];
    told = [];
    const settings = { overrides: [], notifyFrom: 'critical' as const, maintenance: [], contacts: {} };
    book = new AlertBook(clock, { ...settings, onDidChange: new Emitter<void>().event });
    book.onDidNotify((incidents) => told.push([...incidents]));
    const changes = new Emitter<void>();
    const [server] = readPrometheus([
      { name: 'prod', url: 'http://localhost:9090', connections: { shop: 'shop:9187' } },
    ]).servers;
    prometheus = new FleetWatch(server!, {
      clock,
      mayPoll: () => true,
      read: () => {
        const reading: FleetReading = { servers: answer(), disks: new Map(), warnings: [] };
        return Promise.resolve(reading);
      },
      changed: () => changes.fire(),
      limits: () => standardLimits,
    });
    const fleet = { reported: () => prometheus.reported(), knows: () => known, onDidChange: changes.event };
    watch = new FleetAlertWatch(fleet, book, clock);
  });
  afterEach(() => {
    watch.dispose();
    prometheus.dispose();
    book.dispose();
  });

  const passed = async (ms: number): Promise<void> => {
    for (let gone = 0; gone < ms; gone += 5 * second) {
      clock.advance(5 * second);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const open = (): string[] =>
    book.incidents.map(
      ({ signal, severity, unknownSince }) => `${signal} ${severity}${unknownSince === null ? '' : '?'}`,
    );

  it('raise one alert each, with what to do first, and end it', async () => {
    answer = () => [reported({ state: 'down' }), reported({ instance: 'b:9187' })];
    await passed(5 * minute);
    assert.deepEqual(open(), ['prometheus.up critical']);
    assert.deepEqual(
      told.map((batch) => batch.map(({ connectionId, runbook, level }) => [connectionId, runbook, level])),
      [[['fleet:prod/a:9187', 'database-unavailable', 'L1']]],
    );
    assert.match(told[0]![0]!.action, /^Check the instance/);
    assert.equal(watch.nameOf('fleet:prod/a:9187'), 'a:9187');
    answer = () => [reported()];
    await passed(3 * minute);
    assert.deepEqual(open(), []);
    assert.equal(book.ended.length, 1);
  });

  for (const [how, server] of [
    ['stale', { state: 'stale' }],
    ['gone', { state: 'gone' }],
    ['down', { state: 'down' }],
    ['up, while its exporter has errors and leaves it out', { incomplete: true }],
  ] as const) {
    it(`do not end the alert of a lag when they are ${how}`, async () => {
      answer = () => [reported({ lagS: 60 })];
      await passed(2 * minute);
      assert.deepEqual(open(), ['prometheus.lag critical']);
      answer = () => [reported(server)];
      await passed(10 * minute);
      assert.ok(
        open().some((one) => one.startsWith('prometheus.lag critical')),
        open().join(),
      );
      answer = () => [reported({ lagS: 0 })];
      await passed(3 * minute);
      assert.deepEqual(open(), []);
    });
  }

  it('that were down and are reported no more stay open, as not measured', async () => {
    answer = () => [reported({ state: 'down' })];
    await passed(2 * minute);
    answer = () => [reported({ state: 'gone' })];
    await passed(2 * minute);
    assert.deepEqual(open(), ['prometheus.up critical?']);
    answer = () => [];
    await passed(2 * hour);
    assert.deepEqual(open(), ['prometheus.up critical?']);
    assert.equal(told.length, 1);
  });

  it('neither raise nor end anything while the Prometheus itself is away', async () => {
    answer = () => [reported({ state: 'down' })];
    await passed(2 * minute);
    answer = () => {
      throw new SourceError('timeout', 'The Prometheus does not answer.');
    };
    await passed(20 * minute);
    assert.deepEqual(open(), ['prometheus.up critical?']);
    assert.equal(told.length, 1);
  });

  it('end with the setting that named their Prometheus', async () => {
    answer = () => [reported({ state: 'down' })];
    await passed(2 * minute);
    known = false;
    await passed(minute);
    assert.deepEqual(open(), []);
  });

  it('that are connections raise their alerts as those', async () => {
    answer = () => [reported({ state: 'down', instance: 'shop:9187' })];
    await passed(2 * minute);
    assert.deepEqual(open(), []);
    assert.deepEqual(
      prometheus.outcomesOf('shop').map(({ about, findings }) => [about.group, findings[0]?.words]),
      [['pool', 'DOWN']],
    );
  });
});

function reported(values: Partial<FleetServer> = {}): FleetServer {
  const instance = values.instance ?? 'a:9187';
  const nothing = { lagBytes: null, longestTransactionS: null, databaseBytes: null, deadlocks: null };
  return {
    ...{ key: instance, instance, group: 'g', labels: new Map(), state: 'up', ageS: 1, incomplete: false, role: null },
    ...{ lagS: null, lagIsUpperBound: false, sessions: null, sessionsByState: new Map(), usable: null, ...nothing },
    ...{ statementsMeanS: null, statementsMaxS: null },
    ...values,
  };
}
