import assert from 'node:assert/strict';
import { scanFileName } from '../../../src/core/flyway/file-name';
import { historyStates, type MigrationInfo } from '../../../src/core/flyway/history-states';
import type { InstalledRow } from '../../../src/core/flyway/read-history';
import { migrationVerdict, type MigrationEvidence } from '../../../src/core/runbooks/migrations/migration-verdict';
import { nextIn } from '../../../src/core/runbooks/migrations/next-elsewhere';
import type { MigratingSession } from '../../../src/core/runbooks/migrations/leftovers';

const row = (rank: number, success: boolean, checksum = rank): InstalledRow => ({
  installedRank: rank,
  version: String(rank),
  description: 'x',
  type: 'SQL',
  script: `V${rank}__x.sql`,
  checksum,
  success,
  installedOn: '2026-01-01 00:00:00',
  installedBy: 'flyway',
  executionMs: 1,
});
const history = (...rows: readonly InstalledRow[]): MigrationEvidence['histories'] => [
  { schema: 'public', table: 'flyway_schema_history', rows },
];
const session = (values: Partial<MigratingSession> = {}): MigratingSession => ({
  pid: 7,
  application: 'Flyway',
  user: 'owner',
  state: 'active',
  ageS: 30,
  waits: null,
  query: 'ALTER TABLE orders ADD COLUMN n int',
  blockedBy: [],
  ...values,
});
const index = { oid: 1, schema: 'public', index: 'orders_key', table: 'orders' };
const constraint = { oid: 2, schema: 'public', table: 'orders', name: 'positive', kind: 'check' };
const calm: MigrationEvidence = {
  histories: history(row(1, true)),
  leftovers: { indexes: [], constraints: [] },
  migrating: [],
  seesSessions: true,
  states: [],
  project: undefined,
};
/** The states of two applied migrations by the scripts of the workspace: checksums by version. */
const states = (checksums: Readonly<Record<number, number>>): readonly MigrationInfo[] =>
  historyStates(
    Object.entries(checksums).map(([version, checksum]) => ({
      path: `V${version}__x.sql`,
      meaning: scanFileName(`V${version}__x.sql`),
      checksums: [checksum],
      shouldExecute: true,
    })),
    [row(1, true), row(2, true)],
    { outOfOrder: false, target: undefined },
  );
const causes = (evidence: Partial<MigrationEvidence>): string[] => {
  const { main, others } = migrationVerdict({ ...calm, ...evidence });
  return [main, ...others].map(({ cause }) => cause);
};

describe('the verdict on a migration', () => {
  const invalid = { indexes: [index], constraints: [] };
  const cases: readonly (readonly [string, Partial<MigrationEvidence>, readonly string[], string | undefined])[] = [
    ['nothing is wrong', {}, ['clean'], undefined],
    ['there is no history', { histories: [] }, ['no-history'], undefined],
    ['one waits', { migrating: [session({ blockedBy: [9] })] }, ['blocked'], 'end'],
    ['one runs', { migrating: [session()] }, ['running'], undefined],
    ['one was left open', { migrating: [session({ state: 'idle in transaction' })] }, ['left-open'], 'end'],
    ['its tool is only connected', { migrating: [session({ state: 'idle', ageS: null })] }, ['clean'], undefined],
    ['one failed', { histories: history(row(1, false)) }, ['failed'], 'repair'],
    ['one is half-applied', { histories: history(row(1, false)), leftovers: invalid }, ['half-applied'], 'drop-index'],
    ['an index is invalid', { leftovers: invalid }, ['invalid-index'], 'drop-index'],
    ['a script was edited', { states: states({ 1: 1, 2: 99 }) }, ['edited'], 'repair'],
    ['a script is missing', { states: states({ 2: 2 }) }, ['missing'], undefined],
    ['a constraint is open', { leftovers: { indexes: [], constraints: [constraint] } }, ['not-valid'], 'validate'],
  ];
  for (const [name, evidence, expected, step] of cases) {
    it(`${name}: ${expected.join(', ')}`, () => {
      assert.deepEqual(causes(evidence), expected);
      assert.equal(migrationVerdict({ ...calm, ...evidence }).main.next?.step, step);
    });
  }

  it('puts what goes on now first, then what failed, then what only wants care', () => {
    const all = {
      histories: history(row(1, true), row(2, false)),
      leftovers: { indexes: [index], constraints: [constraint] },
      migrating: [session(), session({ pid: 8, blockedBy: [9] })],
      states: states({ 2: 99 }),
    };
    assert.deepEqual(causes(all), ['blocked', 'half-applied', 'edited', 'missing', 'not-valid']);
    assert.match(migrationVerdict({ ...calm, ...all }).main.headline, /session 8 .* for 9/);
  });

  it('names a prepared transaction that is in the way, and the hang behind the own lock', () => {
    const { main } = migrationVerdict({ ...calm, migrating: [session({ blockedBy: [0] })] });
    assert.match(main.headline, /for a prepared transaction \(Lock Contention runbook\)/);
    const builder = session({ pid: 8, query: 'CREATE INDEX CONCURRENTLY i ON orders (n)', blockedBy: [7] });
    const hang = migrationVerdict({ ...calm, migrating: [session({ state: 'idle in transaction' }), builder] }).main;
    assert.match(hang.lines.join(' '), /flyway\.postgresql\.transactional\.lock=false/);
  });

  it('never calls clean what it is not told', () => {
    const unread = { schema: 'public', table: 'flyway_schema_history', rows: undefined };
    assert.deepEqual(causes({ histories: [unread] }), ['hidden']);
    assert.deepEqual(causes({ histories: [unread, ...calm.histories], leftovers: invalid }), [
      'invalid-index',
      'hidden',
    ]);
    const { main } = migrationVerdict({ ...calm, seesSessions: false });
    assert.match(main.headline, /Whether a migration runs now is hidden from this role/);
    assert.match(
      migrationVerdict({ ...calm, states: undefined }).main.lines.join(' '),
      /whether they were edited is not known/,
    );
  });
});

describe('the next step of a runbook of migrations', () => {
  const verdict = {
    cause: 'blocked',
    headline: 'It waits',
    lines: [],
    next: { step: 'end', words: 'cancel session 7, or the one in its way: cell Act, end a session.' },
  };

  it('is in a cell of its own, or in the runbook that has it', () => {
    assert.equal(nextIn(verdict, ['end']).next?.words, verdict.next.words);
    assert.equal(
      nextIn(verdict, ['repair']).next?.words,
      'Open the Migration Failure runbook, which ends sessions: cancel session 7, or the one in its way.',
    );
  });
});
