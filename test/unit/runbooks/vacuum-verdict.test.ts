import assert from 'node:assert/strict';
import type { HorizonHolder } from '../../../src/core/reports/bloat/horizon';
import { vacuumSql } from '../../../src/core/runbooks/vacuum/vacuum-action';
import { vacuumMeasures } from '../../../src/core/runbooks/vacuum/vacuum-evidence';
import { tuneSql } from '../../../src/core/runbooks/vacuum/tune-action';
import type { VacuumTable } from '../../../src/core/runbooks/vacuum/vacuum-tables';
import { vacuumVerdict, type VacuumEvidence } from '../../../src/core/runbooks/vacuum/vacuum-verdict';
import { allGood } from '../../../src/core/runbooks/measures';

const orders: VacuumTable = {
  oid: 16_400,
  schema: 'public',
  name: 'orders',
  live: 50_000,
  dead: 30_000,
  threshold: 10_050,
  inserted: 0,
  insertThreshold: 11_000,
  vacuumAgeS: 86_400,
  analyzeAgeS: 86_400,
  disabled: false,
  serverOff: false,
  freezeAge: 1000,
  bytes: 8_000_000,
};
const holder: HorizonHolder = {
  kind: 'xact',
  id: '4242',
  age: 12,
  openS: 30,
  detail: 'shop · orders-api',
  abandoned: false,
};
const calm: VacuumEvidence = {
  holders: [],
  seesAll: true,
  inRecovery: false,
  database: 'shop',
  tables: [{ ...orders, dead: 10 }],
  running: [],
  freeze: [{ database: 'shop', transactions: 1000, multixacts: 1 }],
};
const behind: VacuumEvidence = { ...calm, tables: [orders] };
const causesOf = (evidence: VacuumEvidence): readonly string[] => {
  const { main, others } = vacuumVerdict(evidence);
  return [main, ...others].map(({ cause }) => cause);
};

describe('the verdict of the vacuum runbook', () => {
  it('is green only where everything is seen', () => {
    assert.deepEqual(causesOf(calm), ['none']);
    assert.ok(allGood(vacuumMeasures(calm)));
    assert.ok(!allGood(vacuumMeasures({ ...calm, seesAll: false })), 'a holder may be hidden');
    assert.ok(!allGood(vacuumMeasures(behind)));
  });

  it('takes a young transaction for no cause, and one that a vacuum came after for proved', () => {
    assert.deepEqual(causesOf({ ...behind, holders: [holder] }), ['behind']);
    const vacuumed = { ...orders, vacuumAgeS: 10 };
    const proved = vacuumVerdict({ ...behind, holders: [holder], tables: [vacuumed] });
    assert.equal(proved.main.cause, 'held-back');
    assert.equal(proved.main.next?.step, 'holder');
    assert.match(proved.main.lines.join(), /that proves it/);
  });

  it('names an abandoned slot, but not one that keeps catalog rows only', () => {
    const slot = { ...holder, kind: 'slot', id: 'dead_cdc', openS: null, abandoned: true } as const;
    assert.deepEqual(causesOf({ ...behind, holders: [{ ...slot, detail: 'physical · not active' }] }), ['held-back']);
    assert.deepEqual(
      causesOf({ ...behind, holders: [{ ...slot, detail: 'logical · not active · catalog tables only' }] }),
      ['behind'],
    );
  });

  it('puts wraparound before everything, and sends to the database that is old', () => {
    const freeze = [{ database: 'archive', transactions: 1_500_000_000, multixacts: 1 }];
    const { main, others } = vacuumVerdict({ ...behind, freeze });
    assert.equal(main.cause, 'wraparound');
    assert.match(main.next?.words ?? '', /database archive/);
    assert.deepEqual(
      others.map(({ cause }) => cause),
      ['behind'],
    );
  });

  it('tells what is off, what is at work and what is hidden', () => {
    assert.deepEqual(causesOf({ ...calm, tables: [{ ...orders, disabled: true }] }), ['autovacuum-off']);
    assert.deepEqual(causesOf({ ...calm, tables: [{ ...orders, dead: 0, serverOff: true }] }), ['autovacuum-off']);
    const running = [
      {
        pid: 1,
        database: 'shop',
        table: 'public.orders',
        oid: orders.oid,
        phase: 'scanning heap',
        scanned: 1,
        total: 2,
        runsS: 1,
        wraparound: false,
        indexesDone: null,
        indexes: null,
      },
    ];
    assert.deepEqual(causesOf({ ...behind, running }), ['running']);
    assert.deepEqual(causesOf({ ...behind, seesAll: false }), ['hidden']);
    assert.deepEqual(causesOf({ ...behind, inRecovery: true }), ['standby']);
  });
});

describe('what the vacuum runbook sends', () => {
  it('uses the options that the version has', () => {
    const thorough = (major: number): string => vacuumSql('thorough', 't', major);
    assert.equal(thorough(12), 'VACUUM (ANALYZE, INDEX_CLEANUP TRUE) t');
    assert.equal(thorough(13), 'VACUUM (ANALYZE, INDEX_CLEANUP TRUE, PARALLEL 4) t');
    assert.equal(thorough(16), "VACUUM (ANALYZE, INDEX_CLEANUP TRUE, PARALLEL 4, BUFFER_USAGE_LIMIT '256MB') t");
  });

  it('tunes large tables and those that are switched off, with names quoted', () => {
    assert.equal(tuneSql(orders), undefined);
    assert.equal(
      tuneSql({ ...orders, name: 'a"b', disabled: true }),
      'ALTER TABLE "public"."a""b" SET (autovacuum_enabled = on)',
    );
    assert.match(tuneSql({ ...orders, live: 2e6, threshold: 400_050 }) ?? '', /autovacuum_vacuum_scale_factor = 0\.01/);
    assert.equal(tuneSql({ ...orders, live: 2e6, threshold: 15_000 }), undefined);
  });
});
