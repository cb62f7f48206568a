import assert from 'node:assert/strict';
import { scanFileName } from '../../../src/core/flyway/file-name';
import { historyStates, type HistoryRow, type ResolvedScript } from '../../../src/core/flyway/history-states';
import { duplicateVersions, reviewFindings } from '../../../src/core/runbooks/migrations/history-review';
import type { MigrationEvidence } from '../../../src/core/runbooks/migrations/migration-verdict';
import { repairPreview } from '../../../src/core/runbooks/migrations/repair-preview';

const script = (name: string, ...checksums: readonly number[]): ResolvedScript => ({
  path: `/shop/${name}`,
  meaning: scanFileName(name),
  checksums,
  shouldExecute: true,
});
const row = (installedRank: number, name: string, changes: Partial<HistoryRow> = {}): HistoryRow => ({
  installedRank,
  version: /^[VU](\d+)__/.exec(name)?.[1] ?? null,
  description: (name.split('__')[1] ?? '').replace('.sql', '').replaceAll('_', ' '),
  type: name.startsWith('U') ? 'UNDO_SQL' : 'SQL',
  script: name,
  checksum: 1,
  success: true,
  ...changes,
});
const settings = { outOfOrder: false, target: undefined };
const preview = (
  scripts: readonly ResolvedScript[],
  rows: readonly HistoryRow[],
  patterns?: readonly string[],
): readonly string[] =>
  repairPreview(historyStates(scripts, rows, settings), patterns).map(({ row: { script: name }, does, changes }) =>
    `${name} ${does} ${changes.join('; ')}`.trim(),
  );

describe('what repair would do', () => {
  const scripts = [script('V1__base.sql', 1), script('V2__orders.sql', 2), script('V4__key.sql', 1)];

  it('removes what failed, marks what is missing, and realigns checksum, description and type', () => {
    const rows = [
      row(1, 'V1__base.sql'),
      row(2, 'V2__orders.sql', { description: 'other', type: 'SCRIPT' }),
      row(3, 'V3__gone.sql'),
      row(4, 'V4__key.sql', { success: false }),
    ];
    assert.deepEqual(preview(scripts, rows), [
      'V4__key.sql remove',
      'V3__gone.sql mark-deleted',
      'V2__orders.sql realign checksum 1 to 2; description "other" to "orders"; type SCRIPT to SQL',
    ]);
    assert.deepEqual(preview(scripts.slice(0, 1), rows.slice(0, 1)), []);
  });

  it('passes over what a newer release has applied, unless the patterns say otherwise', () => {
    const rows = [row(1, 'V1__base.sql'), row(2, 'V9__next.sql')];
    const own = [script('V1__base.sql', 1)];
    assert.deepEqual(preview(own, rows), []);
    assert.deepEqual(preview(own, rows, []), ['V9__next.sql mark-deleted']);
    const missing = [row(1, 'V1__base.sql'), row(2, 'V2__x.sql'), row(3, 'V3__y.sql')];
    const later = [script('V1__base.sql', 1), script('V3__y.sql', 1)];
    assert.deepEqual(preview(later, missing, ['Versioned:Missing']), []);
    assert.deepEqual(preview(later, missing, ['repeatable:missing']), ['V2__x.sql mark-deleted']);
  });

  it('leaves a changed repeatable alone: it runs again; and what Flyway wrote itself', () => {
    const repeatable = (checksum: number): HistoryRow => row(2, 'R__view.sql', { version: null, checksum });
    const base = [row(1, 'V1__base.sql'), row(0, 'x', { type: 'SCHEMA', version: null, script: 'public' })];
    const own = [script('V1__base.sql', 1), script('R__view.sql', 5, 6)];
    assert.deepEqual(preview(own, [...base, repeatable(9)]), []);
    assert.deepEqual(preview(own, [...base, repeatable(6)]), []);
    assert.deepEqual(preview(own, [...base, repeatable(5)]), ['R__view.sql realign checksum 5 to 6']);
    assert.deepEqual(preview(own, [row(1, 'V1__base.sql', { type: 'BASELINE', checksum: null })]), []);
  });
});

describe('the review of a history', () => {
  const evidence = (scripts: readonly ResolvedScript[], rows: readonly HistoryRow[]): MigrationEvidence => {
    const project = { folder: '/shop', table: 'flyway_schema_history', scripts, ...settings };
    const states = historyStates(scripts, rows, project);
    return {
      histories: [],
      leftovers: { indexes: [], constraints: [] },
      migrating: [],
      seesSessions: true,
      states,
      project,
    };
  };

  it('finds scripts that never run, that wait, and that share a version', () => {
    const scripts = [script('V1__a.sql', 1), script('V2__b.sql', 1), script('V3__c.sql', 1), script('V4__d.sql', 1)];
    const rows = [row(1, 'V1__a.sql'), row(2, 'V3__c.sql')];
    const found = reviewFindings(evidence(scripts, rows));
    assert.deepEqual(
      found.map(({ cause }) => cause),
      ['ignored', 'pending'],
    );
    assert.match(found[0]!.headline, /V2__b\.sql/);
    const twice = [...scripts, script('V4.0__e.sql', 1)];
    assert.deepEqual(duplicateVersions(evidence(twice, rows).project), ['V4__d.sql and V4.0__e.sql']);
    assert.deepEqual(reviewFindings({ ...evidence(scripts, rows), states: undefined }), []);
    const late = reviewFindings(evidence(scripts, [...rows, row(3, 'V2__b.sql'), row(4, 'V4__d.sql')]));
    assert.deepEqual(
      late.map(({ cause }) => cause),
      ['out-of-order'],
    );
  });
});
