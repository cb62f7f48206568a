import assert from 'node:assert/strict';
import { hikariAbout, sizingAbout } from '../../../src/core/pool/pool-findings';
import { allGood } from '../../../src/core/runbooks/measures';
import { tooSmallOnStandbys, type Capacity } from '../../../src/core/runbooks/scaling/capacity';
import { machineMemory, memoryOf } from '../../../src/core/runbooks/scaling/machine-memory';
import { memoryAdvice } from '../../../src/core/runbooks/scaling/memory-advice';
import { largestPool, poolSettings } from '../../../src/core/runbooks/scaling/pool-settings';
import { shellWord } from '../../../src/core/runbooks/scaling/replica-progress';
import {
  scalingMeasures,
  scalingVerdict,
  type ScalingEvidence,
} from '../../../src/core/runbooks/scaling/scaling-verdict';
import { slotNameProblem } from '../../../src/core/runbooks/scaling/slot-action';
import type { Finding, SignalOutcome } from '../../../src/core/health/signal';

const gibi = 1024 ** 3;
const capacity: Capacity = {
  inRecovery: false,
  systemIdentifier: '7',
  slotName: null,
  clusterName: null,
  sharedBuffers: 4 * gibi,
  effectiveCache: 12 * gibi,
  workMem: 4 * 1024 ** 2,
  hashMultiplier: 2,
  maintenanceMem: 64 * 1024 ** 2,
  autovacuumWorkers: 3,
  atLeastOnStandby: { max_connections: 100, max_wal_senders: 10 },
  walLevel: 'replica',
  walSenders: 1,
  slots: 1,
  maxSlots: 10,
  slotsLimited: true,
  hit: 99_500,
  read: 500,
  tempBytes: 0,
  readMs: null,
  countedS: 86_400,
  pendingRestart: [],
};
const sizing: SignalOutcome = { about: sizingAbout, sql: '', at: 1, problem: null, absent: null, findings: [] };
const calm: ScalingEvidence = {
  sessions: {
    used: 20,
    active: 5,
    idle: 15,
    idleInTransaction: 0,
    idleInTransactionAborted: 0,
    lockWaiters: 0,
    oldestTransactionS: null,
    oldestQueryS: null,
    oldestIdleInTransactionS: null,
    usable: 97,
    maxConnections: 100,
    limited: false,
  },
  capacity,
  major: 18,
  followers: [{ name: 'replica', slot: 'replica', kind: 'standby', delayMs: 3 }],
  tooSmall: [],
  signals: [sizing],
  peak: null,
};
const finding = (severity: Finding['severity'], words: string): Finding => ({
  signal: 'x',
  subject: '',
  value: 1,
  unit: 'count',
  severity,
  words,
  lines: [],
  threshold: null,
});
const causesOf = (evidence: ScalingEvidence): readonly string[] => {
  const { main, others } = scalingVerdict(evidence);
  return [main, ...others].map(({ cause }) => cause);
};
const sessions = (changes: Partial<ScalingEvidence['sessions']>): ScalingEvidence => ({
  ...calm,
  sessions: { ...calm.sessions, used: 90, ...changes },
});

describe('the verdict of the scaling runbook', () => {
  it('asks for nothing without a reason, and does not call what is unknown good', () => {
    assert.deepEqual(causesOf(calm), ['none']);
    assert.ok(allGood(scalingMeasures(calm)));
    assert.ok(!allGood(scalingMeasures({ ...calm, signals: [] })), 'no check was read');
    const untold = { ...calm, followers: [{ ...calm.followers[0]!, delayMs: null }] };
    assert.ok(!allGood(scalingMeasures(untold)), 'nobody told the lag');
    assert.deepEqual(causesOf(untold), ['none'], 'and it is no lag either');
  });

  it('tells a full server by what fills it', () => {
    assert.deepEqual(causesOf(sessions({ active: 80, idle: 10 })), ['connections']);
    assert.deepEqual(causesOf(sessions({ active: 10, idle: 80 })), ['idle-sessions']);
    assert.deepEqual(causesOf(sessions({ active: 5, idle: 50, idleInTransaction: 35 })), ['leak']);
    assert.deepEqual(causesOf(sessions({ active: 80, idle: 5, lockWaiters: 60 })), ['leak']);
    const hidden = scalingVerdict(sessions({ active: null, idle: null, idleInTransaction: null, lockWaiters: null }));
    assert.match(hidden.main.lines.join(), /hidden from this role/);
  });

  it('names what the alert was raised for, the worst first, and nothing that is not current', () => {
    const of = (id: string, one: Finding): SignalOutcome => ({
      ...sizing,
      about: { ...hikariAbout, id },
      findings: [one],
    });
    const signals = [
      of('temp-files', finding('warning', 'temporary files')),
      of('sequences', finding('critical', 'orders_id_seq used up')),
      { ...of('checkpoints', finding('warning', 'old')), problem: 'not read' },
    ];
    assert.deepEqual(causesOf({ ...calm, signals }), ['sequence', 'work-mem']);
    assert.match(scalingVerdict({ ...calm, signals }).main.next?.words ?? '', /bigint/);
  });

  it('puts a standby that is smaller than its primary first', () => {
    const standby = { ...capacity, inRecovery: true, atLeastOnStandby: { max_connections: 50, max_wal_senders: 10 } };
    const peer = { connectionId: 'r', connection: 'replica', host: 'b', port: 5432 };
    const small = tooSmallOnStandbys(capacity, [{ ...peer, capacity: standby }]);
    assert.deepEqual(small, [{ connection: 'replica', setting: 'max_connections', here: 50, primary: 100 }]);
    assert.deepEqual(tooSmallOnStandbys(capacity, [{ ...peer, capacity: { ...standby, ...capacity } }]), []);
    const evidence = { ...sessions({ active: 80, idle: 10 }), tooSmall: small };
    assert.deepEqual(causesOf(evidence), ['standby-too-small', 'connections']);
    assert.match(scalingVerdict({ ...evidence, major: 13 }).main.lines[0]!, /shuts down/);
    assert.match(scalingVerdict(evidence).main.lines[0]!, /PAUSES/);
  });

  it('knows the peak of the history and the cache of the counters', () => {
    assert.deepEqual(causesOf({ ...calm, peak: { part: 0.9, days: 30 } }), ['peak']);
    assert.deepEqual(causesOf({ ...calm, capacity: { ...capacity, read: 50_000 } }), ['memory']);
    const watched = { ...sizing, about: { ...sizingAbout, id: 'cache-hit' } };
    assert.deepEqual(
      causesOf({ ...calm, signals: [watched], capacity: { ...capacity, read: 50_000 } }),
      ['none'],
      'lately it is well',
    );
    assert.deepEqual(causesOf({ ...calm, capacity: { ...capacity, hit: 10, read: 500 } }), ['none'], 'too few to tell');
  });
});

describe('the advice of the scaling runbook', () => {
  it('keeps pools below 80 % of the slots, strictly', () => {
    for (let usable = 1; usable < 500; usable++)
      for (const instances of [1, 2, 3, 4, 7, 16]) {
        const size = largestPool(usable, instances);
        assert.ok(10 * size * instances < 8 * usable, `${size} × ${instances} of ${usable}`);
        assert.ok(10 * (size + 1) * instances >= 8 * usable, `${size + 1} × ${instances} of ${usable}`);
      }
  });

  it('says nothing of the memory that it was not told', () => {
    const unknown = memoryAdvice(capacity, null).join('\n');
    assert.match(unknown, /25 % of the machine's memory, which SQL does not tell/);
    assert.doesNotMatch(unknown, /ALTER SYSTEM/);
    const known = memoryAdvice({ ...capacity, sharedBuffers: gibi / 8 }, 16 * gibi).join('\n');
    assert.match(known, /ALTER SYSTEM SET shared_buffers = '4096MB'; then RESTART/);
    // (16 GB - 4 GB) / 2 / 100 / 2
    assert.match(known, /for everybody: 30MB/);
    const tight = memoryAdvice({ ...capacity, workMem: 256 * 1024 ** 2 }, 16 * gibi).join('\n');
    assert.match(tight, /takes 50 GB.*MORE than the 12 GB/);
  });

  it('takes a memory that a person types, and nothing that is none', () => {
    const { own } = machineMemory;
    assert.equal(own?.request.validate?.('24 GB'), undefined);
    for (const wrong of ['', '24', 'much', '-4 GB']) assert.ok(own?.request.validate?.(wrong), wrong);
    assert.equal(memoryOf({ memory: own!.read('24 GB') }), 24 * gibi);
    assert.equal(memoryOf({}), null);
    assert.equal(memoryOf({ memory: { value: 'nonsense', label: '' } }), null);
  });

  it('lets no name break out of a connection string, a command or a slot', () => {
    const text = poolSettings({ host: '::1', port: undefined }, [], 'my shop?x=1', 97);
    assert.match(text, /postgresql:\/\/\[::1\]:5432\/my%20shop%3Fx%3D1\?targetServerType=primary/);
    assert.match(text, /REPLICA:5432/);
    assert.equal(shellWord("a'; rm -rf /"), `'a'\\''; rm -rf /'`);
    assert.equal(shellWord('db-1.example.com'), 'db-1.example.com');
    assert.equal(slotNameProblem('replica_b'), undefined);
    for (const wrong of ['', 'B', 'a-b', "x'", 'a'.repeat(64)]) assert.ok(slotNameProblem(wrong), wrong);
  });
});
