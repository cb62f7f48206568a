import assert from 'node:assert/strict';
import { allGood } from '../../../src/core/runbooks/measures';
import {
  indexMeasures,
  indexVerdict,
  isBloated,
  type IndexEvidence,
} from '../../../src/core/runbooks/reindex/reindex-verdict';

const calm: IndexEvidence = {
  inRecovery: false,
  seesAll: true,
  invalid: [],
  builds: [],
  old: [],
  bloated: [],
  duplicates: [],
  unused: [],
};
const estimate = { rawPercent: 60, percent: 60, wastedBytes: 5e6, doubts: [], trust: 'high' } as const;
const bloated = [{ oid: 1, schema: 'public', name: 'i', table: 't', bytes: 9e6, estimate }];
const invalid = [{ oid: 1, schema: 'public', index: 'i_ccnew', table: 't' }];
const old = [{ pid: 42, who: 'shop · idle in transaction', openS: 600 }];

describe('the verdict of the reindex runbook', () => {
  it('is green where nothing is wrong, and never on a standby', () => {
    assert.equal(indexVerdict(calm).main.cause, 'none');
    assert.ok(allGood(indexMeasures(calm)));
    assert.ok(!allGood(indexMeasures({ ...calm, inRecovery: true })));
    assert.equal(indexVerdict({ ...calm, inRecovery: true, invalid }).main.cause, 'standby');
  });

  it('puts leftovers before bloat, and names the transaction that goes first', () => {
    const { main, others } = indexVerdict({ ...calm, invalid, bloated, old });
    assert.equal(main.cause, 'leftover');
    assert.equal(main.next?.step, 'drop');
    assert.match(main.lines.join(), /left from a failed REINDEX CONCURRENTLY/);
    assert.match(main.lines.join(), /Session 42 .* open for 10 min: CONCURRENTLY would wait/);
    assert.deepEqual(
      others.map(({ cause }) => cause),
      ['bloat'],
    );
  });

  it('says whom a build waits for before anything else is touched', () => {
    const builds = [
      { pid: 7, command: 'REINDEX CONCURRENTLY', name: 'public.i', phase: 'waiting', part: null, lockerPid: 42 },
    ];
    const { main } = indexVerdict({ ...calm, builds, bloated });
    assert.equal(main.cause, 'building');
    assert.match(main.lines.join(), /waits for session 42/);
  });

  it('takes an estimate that is not trusted, or a small waste, for no bloat', () => {
    assert.ok(isBloated({ estimate }));
    assert.ok(!isBloated({ estimate: { ...estimate, percent: null, wastedBytes: null, trust: 'none' } }));
    assert.ok(!isBloated({ estimate: { ...estimate, wastedBytes: 10_000 } }));
  });
});
