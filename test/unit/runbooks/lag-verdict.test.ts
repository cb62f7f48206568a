import assert from 'node:assert/strict';
import type { Archiver } from '../../../src/core/health/checks/archiver';
import type { Slot } from '../../../src/core/health/checks/slots';
import type { ReceiverState, StandbyState } from '../../../src/core/health/replication';
import {
  lagVerdict,
  type KnownStandby,
  type LagEvidence,
} from '../../../src/core/runbooks/replication-lag/lag-verdict';
import { lagMeasures } from '../../../src/core/runbooks/replication-lag/lag-evidence';
import type { BusySession } from '../../../src/core/runbooks/pool-exhaustion/session-groups';
import type { StandbySide } from '../../../src/core/runbooks/standby-side';

const mb = 1024 ** 2;
const standby = (name: string, values: Partial<StandbyState> = {}): StandbyState => ({
  key: name,
  name,
  clientAddress: '10.0.0.2',
  slotName: name,
  state: 'streaming',
  syncState: 'async',
  pendingBytes: 0,
  networkBytes: 0,
  applyBytes: 0,
  totalBytes: 0,
  lagSeconds: 0,
  replyAgeS: 0,
  ...values,
});
const behind = (stage: 'pendingBytes' | 'networkBytes' | 'applyBytes', bytes = 64 * mb): Partial<StandbyState> => ({
  [stage]: bytes,
  totalBytes: bytes,
});
const side = (values: Partial<StandbySide> = {}): StandbySide => ({
  inRecovery: true,
  systemIdentifier: '7',
  timeline: 1,
  receivedLsn: '0/2000000',
  replayedLsn: '0/1000000',
  applyBytes: 0,
  paused: false,
  receiving: true,
  senderHost: '10.0.0.1',
  senderPort: 5432,
  slotName: 'a',
  applyDelayMs: 0,
  lastReplayS: 1,
  streamingDelayMs: 30_000,
  conflicts: 0,
  walReceiverStatus: 'streaming',
  limited: false,
  ...values,
});
const known = (values: Partial<StandbySide> = {}, busy: readonly BusySession[] = []): KnownStandby => ({
  connectionId: 'r',
  connection: 'replica',
  side: side(values),
  busy,
});
const busy: BusySession = {
  pid: 42,
  backendStart: 'x',
  user: 'report',
  database: 'shop',
  application: 'reports',
  clientAddress: null,
  state: 'active',
  transactionAgeS: 90,
  query: 'SELECT 1',
  holdsUp: 0,
  ageS: 90,
  waits: null,
  waitsForLock: false,
};
const slot = (name: string, values: Partial<Slot> = {}): Slot => ({
  name,
  logical: false,
  database: null,
  active: false,
  walStatus: 'extended',
  safeBytes: null,
  retainedBytes: 200 * mb,
  unconfirmedBytes: null,
  conflicting: false,
  invalidation: null,
  inactiveS: 60,
  limited: false,
  ...values,
});
const archiver: Archiver = {
  mode: 'on',
  lastArchived: 'a',
  archivedS: 10,
  lastFailed: null,
  failedS: null,
  failures: 0,
  hasCommand: true,
};
const fails: Archiver = { ...archiver, archivedS: 600, lastFailed: 'b', failedS: 5, failures: 9 };
const of = (standbys: readonly StandbyState[], values: Partial<LagEvidence> = {}): LagEvidence => ({
  replication: { role: 'primary', standbys, limited: false },
  slots: [],
  archiver,
  standbys: [],
  limited: false,
  ...values,
});
const receiver = (values: Partial<ReceiverState> = {}): LagEvidence['replication'] => ({
  role: 'standby',
  standbys: [],
  limited: false,
  receiver: {
    connected: true,
    senderHost: null,
    slotName: null,
    applyBytes: 0,
    lagSeconds: 0,
    pauseState: null,
    ...values,
  },
});
const causes = (evidence: LagEvidence): string[] => {
  const { main, others } = lagVerdict(evidence);
  return [main, ...others].map(({ cause }) => cause);
};

describe('the verdict on replication lag', () => {
  const cases: readonly (readonly [string, LagEvidence, readonly string[], string | undefined])[] = [
    ['nothing lags', of([standby('a')]), ['none'], undefined],
    ['nobody is there', of([]), ['none'], undefined],
    ['a standby is gone', of([standby('a', { state: 'disconnected', totalBytes: null })]), ['disconnected'], undefined],
    ['WAL is not sent', of([standby('a', behind('pendingBytes'))]), ['network'], undefined],
    ['WAL is not flushed there', of([standby('a', behind('networkBytes'))]), ['standby-disk'], undefined],
    ['WAL is not replayed', of([standby('a', behind('applyBytes'))]), ['apply'], undefined],
    [
      'replay is paused',
      of([standby('a', behind('applyBytes'))], { standbys: [known({ paused: true })] }),
      ['paused'],
      'resume',
    ],
    [
      'replay is paused while nothing is written',
      of([standby('a')], { standbys: [known({ paused: true })] }),
      ['paused'],
      'resume',
    ],
    [
      'replay is paused behind another standby',
      of([standby('a', { slotName: 'b' }), standby('c')], {
        standbys: [known({ paused: true, slotName: 'x' }), known({ slotName: 'y' })],
      }),
      ['paused'],
      'resume',
    ],
    [
      'replay is delayed by intention',
      of([standby('a', behind('applyBytes'))], { standbys: [known({ applyDelayMs: 3_600_000 })] }),
      ['apply-delay'],
      undefined,
    ],
    [
      'replay waits for a query',
      of([standby('a', behind('applyBytes'))], { standbys: [known({}, [busy])] }),
      ['standby-query'],
      'query',
    ],
    [
      'a slot is lost',
      of([standby('a')], { slots: [slot('gone', { walStatus: 'lost', retainedBytes: null })] }),
      ['slot-lost'],
      'slot',
    ],
    [
      'a slot has no consumer',
      of([standby('a')], { slots: [slot('cdc', { logical: true })] }),
      ['slot-inactive'],
      'slot',
    ],
    ['archiving fails', of([standby('a')], { archiver: fails }), ['archiver'], undefined],
    [
      'this standby receives nothing',
      of([], { replication: receiver({ connected: false }), standbys: [known()] }),
      ['disconnected'],
      undefined,
    ],
    [
      'this standby is paused',
      of([], { replication: receiver(), standbys: [known({ paused: true })] }),
      ['paused'],
      'resume',
    ],
  ];
  for (const [name, evidence, expected, step] of cases) {
    it(`${name}: ${expected.join(', ')}`, () => {
      assert.deepEqual(causes(evidence), expected);
      assert.equal(lagVerdict(evidence).main.next?.step, step);
    });
  }

  it('puts what has failed before what is slow, whatever the order it was found in', () => {
    const evidence = of(
      [
        standby('a', behind('pendingBytes')),
        standby('b', { state: 'disconnected', totalBytes: null }),
        standby('c', behind('applyBytes')),
      ],
      {
        archiver: fails,
        slots: [slot('cdc'), slot('old', { walStatus: 'lost' })],
        standbys: [known({ slotName: 'c', paused: true }), known({ slotName: 'z' })],
      },
    );
    assert.deepEqual(causes(evidence), ['slot-lost', 'disconnected', 'paused', 'network', 'archiver', 'slot-inactive']);
  });

  it('leaves the slot of a standby that is gone to it', () => {
    const evidence = of([standby('a', { state: 'disconnected', totalBytes: null })], { slots: [slot('a')] });
    assert.deepEqual(causes(evidence), ['disconnected']);
    assert.match(lagVerdict(evidence).main.lines.join(' '), /Its slot a keeps WAL/);
  });

  it('never calls green what it is not told', () => {
    const unseen = [
      of([standby('a', { state: 'unknown', totalBytes: null })]),
      of([standby('a')], { limited: true }),
      of([], { replication: receiver({ connected: null, applyBytes: null }), standbys: [known()] }),
    ];
    for (const evidence of unseen) assert.deepEqual(causes(evidence), ['hidden']);
    assert.ok(lagMeasures(unseen[0]!).some(({ good }) => good === null));
    assert.ok(lagMeasures(unseen[2]!).some(({ good }) => good === null));
    assert.deepEqual(causes(of([standby('a', { totalBytes: null })], { archiver: fails })), ['archiver', 'hidden']);
  });
});
