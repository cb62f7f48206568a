import assert from 'node:assert/strict';
import { allGood, compareMeasures } from '../../../src/core/runbooks/measures';
import { usersOf } from '../../../src/core/runbooks/reindex/standby-scans';
import {
  indexMeasures,
  indexVerdict,
  isBloated,
  standbysAsked,
  type IndexEvidence,
} from '../../../src/core/runbooks/reindex/reindex-verdict';

const calm: IndexEvidence = {
  inRecovery: false,
  seesAll: true,
  invalid: [],
  builds: [],
  old: [],
  bloated: [],
  hidden: 0,
  duplicates: [],
  unused: [],
  usedElsewhere: [],
  standbys: [],
  walsenders: 0,
  kept: new Map(),
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

  it('is not green where the role may not read what bloat is estimated from', () => {
    const { main } = indexVerdict({ ...calm, hidden: 2 });
    assert.match(main.headline, /whether 2 indexes are bloated is NOT known/);
    assert.ok(!allGood(indexMeasures({ ...calm, hidden: 2 })));
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

  it('counts a duplicate that is kept by decision as decided, not as gone', () => {
    const duplicate = (index: string) => ({
      schema: 'public',
      index,
      table: 't',
      other: 'public.o',
      exact: true,
      bytes: 1,
    });
    const two = { ...calm, duplicates: [duplicate('a'), duplicate('b')] };
    const one = { ...two, kept: new Map([['public.a', 'for the report']]) };
    const both = { ...two, kept: new Map([...one.kept, ['public.b', 'too']]) };
    assert.equal(indexVerdict(one).main.cause, 'duplicate');
    assert.match(indexVerdict(one).main.headline, /^1 index repeats another: public\.b$/);
    assert.ok(!allGood(indexMeasures(one)));
    assert.equal(indexVerdict(both).main.cause, 'none');
    assert.ok(allGood(indexMeasures(both)));
    assert.match(
      compareMeasures(undefined, indexMeasures(both)),
      /Duplicate indexes \| 0, and 2 kept \| kept by decision/,
    );
    assert.match(compareMeasures(undefined, indexMeasures(one)), /1, and 1 kept \| \*\*not yet/);
  });

  it('says which standbys do not use an index, and which were not asked', () => {
    const standby = { connection: 'replica', statisticsS: 30 * 86_400, scans: new Map([['public.i', 0]]) };
    assert.equal(standbysAsked([standby], 1), 'Neither on replica, by its own count.');
    assert.match(standbysAsked([standby], 3), /2 connected standbys could not be asked/);
    assert.match(standbysAsked([{ ...standby, statisticsS: 60 }], 1), /less than a week: that proves nothing yet/);
    assert.match(standbysAsked([], 0), /^No standby was asked/);
    assert.deepEqual(usersOf('public.i', [standby, { ...standby, scans: new Map([['public.i', 7]]) }]), [
      'replica (7 scans)',
    ]);
  });

  it('takes an estimate that is not trusted, or a small waste, for no bloat', () => {
    assert.ok(isBloated({ estimate }));
    assert.ok(!isBloated({ estimate: { ...estimate, percent: null, wastedBytes: null, trust: 'none' } }));
    assert.ok(!isBloated({ estimate: { ...estimate, wastedBytes: 10_000 } }));
  });
});
