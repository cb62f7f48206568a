import assert from 'node:assert/strict';
import { OwnLimits, readLimits } from '../../../src/core/health/own-limits';
import { observedOutcomes } from '../../../src/core/monitor/observed-outcomes';
import { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import { systemClock } from '../../../src/core/ports/clock';
import { Emitter } from '../../../src/core/ports/emitter';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { eventually, labOpener, profileOf, quietLog, TestProfiles } from '../support/monitor';
import { settingsOf } from '../support/settings';

describe('thresholds that a person changes', () => {
  let lab: Lab;
  let monitor: ConnectionMonitor;
  let own = new OwnLimits([]);
  const changes = new Emitter<void>();
  const set = (...entries: readonly object[]): void => {
    const { overrides, problems } = readLimits(entries);
    assert.deepEqual(problems, []);
    own = new OwnLimits(overrides);
    changes.fire();
  };

  before(async () => {
    lab = await sharedLab();
    await lab.primary.run(`CREATE SEQUENCE limited MAXVALUE 100; SELECT setval('limited', 60)`);
    const settings = settingsOf({
      thresholds: (id) => own.thresholds(id),
      limits: (id) => own.of(id),
      onDidChangeThresholds: changes.event,
    });
    const profiles = new TestProfiles([profileOf(lab.primary, 'a'), profileOf(lab.primary, 'b')]);
    monitor = new ConnectionMonitor(profiles, labOpener, systemClock, quietLog, settings);
    await Promise.all([monitor.connect('a'), monitor.connect('b')]);
    for (const id of ['a', 'b']) {
      await eventually(monitor, id, 'sequences are read', () => sequence(id)?.severity === 'ok', 10_000);
    }
  });
  after(async () => {
    await monitor.close();
    await lab.primary.run('DROP SEQUENCE limited');
  });

  const check = (id: string): ReturnType<ConnectionMonitor['snapshot']>['signals'][number] | undefined =>
    monitor.snapshot(id).signals.find(({ about }) => about.id === 'sequences');
  const sequence = (id: string): NonNullable<ReturnType<typeof check>>['findings'][number] | undefined =>
    check(id)?.findings.find(({ signal }) => signal === 'sequences.used');

  it('grade at once what was read a quarter of an hour ago, without asking the server', () => {
    const readAt = check('a')?.at;
    set({ connection: 'a', signal: 'sequences.used', warning: '50 %' });
    assert.equal(sequence('a')?.severity, 'warning');
    assert.deepEqual(sequence('a')?.threshold, { warning: 0.5, critical: 0.9, direction: 'above', own: true });
    assert.equal(check('a')?.at, readAt);
    assert.equal(sequence('b')?.severity, 'ok');
    set();
    assert.equal(sequence('a')?.severity, 'ok');
  });

  it('grade what is polled, in the tree and for the alerts alike', () => {
    set({ connection: 'a', signal: 'sessions.used', warning: 0, critical: 0 });
    assert.equal(monitor.snapshot('a').sessions.evaluation.severity, 'critical');
    assert.equal(monitor.snapshot('b').sessions.evaluation.severity, 'ok');
    const severityFor = (id: string): string | undefined =>
      observedOutcomes(monitor.snapshot(id), Date.now(), monitor.thresholds(id))
        .flatMap(({ findings }) => findings)
        .find(({ signal }) => signal === 'sessions.used')?.severity;
    assert.deepEqual([severityFor('a'), severityFor('b')], ['critical', 'ok']);
    set();
  });

  it('reach what asks the server by its threshold with the next poll', async () => {
    const client = await lab.primary.connect();
    const query = client.query('SELECT pg_sleep(60)').catch(() => undefined);
    set({ connection: 'a', signal: 'long-queries.oldest', warning: 5 });
    const oldest = (id: string): string | undefined =>
      monitor.snapshot(id).signals.find(({ about }) => about.id === 'long-queries')?.findings[0]?.severity;
    await eventually(monitor, 'a', 'the query is over 5 s', () => oldest('a') === 'warning', 12_000);
    assert.equal(oldest('b'), 'ok');
    const pid = (client as unknown as { processID: number }).processID;
    await lab.primary.run(`SELECT pg_terminate_backend(${pid})`);
    await query;
    set();
  });
});
