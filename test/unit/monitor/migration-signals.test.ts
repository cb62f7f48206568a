import assert from 'node:assert/strict';
import { MigrationSignals, type BoundMigrations } from '../../../src/core/monitor/migration-signals';
import { Emitter } from '../../../src/core/ports/emitter';

const scripts = [
  { script: 'V1__a.sql', state: 'Success', edited: false },
  { script: 'V2__b.sql', state: 'Success', edited: true },
  { script: 'V1_5__late.sql', state: 'Ignored', edited: false },
  { script: 'V3__c.sql', state: 'Pending', edited: false },
  { script: 'R__view.sql', state: 'Outdated', edited: false },
  { script: 'R__view.sql', state: 'Pending', edited: false },
  { script: 'V4__d.sql', state: 'Above Target', edited: false },
] as const;

describe('migrations of the bound workspace', () => {
  let bound: BoundMigrations | undefined;
  const changes = new Emitter<void>();
  const signals = new MigrationSignals({ current: () => bound, onDidChange: changes.event });
  const project = { name: 'shop', unknown: undefined, scripts };
  const of = (id: string): (readonly [string, string, number | null, string])[] =>
    signals
      .outcomes(id)
      .flatMap(({ findings }) => findings)
      .map(({ signal, severity, value, words }) => [signal, severity, value, words] as const);

  it('are counted as Flyway would run them, edited and ignored ones named', () => {
    bound = { connectionId: 'shop', at: 5, problem: null, projects: [project] };
    assert.deepEqual(of('shop'), [
      ['migrations.edited', 'warning', 1, 'V2__b.sql edited after it ran'],
      ['migrations.ignored', 'warning', 1, 'V1_5__late.sql ignored: below the latest'],
      ['migrations.pending', 'hint', 2, '2 pending'],
    ]);
    assert.deepEqual(of('other'), []);
    const [pending] = signals.outcomes('shop').flatMap(({ findings }) => findings.filter(({ value }) => value === 2));
    assert.deepEqual(pending?.lines.slice(1), ['V3__c.sql', 'R__view.sql']);
  });

  it('say nothing is pending only where the history is known', () => {
    bound = { connectionId: 'shop', at: 5, problem: null, projects: [{ ...project, scripts: scripts.slice(0, 1) }] };
    assert.deepEqual(of('shop'), [['migrations.pending', 'ok', 0, 'nothing pending']]);
    const hidden = { ...project, unknown: 'this role may not read public.flyway_schema_history' };
    bound = {
      connectionId: 'shop',
      at: 5,
      problem: null,
      projects: [hidden, { ...project, name: 'billing', scripts: [] }],
    };
    assert.deepEqual(of('shop'), [
      ['migrations.pending', 'unknown', null, 'shop: pending migrations are not known'],
      ['migrations.pending', 'ok', 0, 'billing: nothing pending'],
    ]);
    bound = { connectionId: 'shop', at: 5, problem: 'not read: it is away', projects: [project] };
    assert.equal(signals.outcomes('shop')[0]?.problem, 'not read: it is away');
  });

  it('tell both connections when the workspace is bound to another one', () => {
    const told: string[] = [];
    const subscription = signals.onDidChange((id) => told.push(id));
    changes.fire();
    bound = { connectionId: 'other', at: null, problem: null, projects: [] };
    changes.fire();
    bound = undefined;
    changes.fire();
    subscription.dispose();
    assert.deepEqual(told, ['shop', 'shop', 'other', 'other']);
  });
});
