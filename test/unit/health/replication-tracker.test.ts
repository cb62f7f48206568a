import assert from 'node:assert/strict';
import type { ReplicationRow, ReplicationState, SenderRow, StandbyState } from '../../../src/core/health/replication';
import { evaluateReplication, evaluateStandby } from '../../../src/core/health/replication-evaluation';
import { ReplicationTracker } from '../../../src/core/health/replication-tracker';

const start = 1_700_000_000_000;
const lsn = (bytes: number): string =>
  `${Math.floor(bytes / 2 ** 32).toString(16)}/${(bytes % 2 ** 32).toString(16)}`.toUpperCase();

function sender(replayed: number, extra: Partial<SenderRow> = {}): SenderRow {
  const at = lsn(replayed);
  return {
    name: 'replica-a',
    clientAddress: '10.0.0.2',
    slotName: null,
    state: 'streaming',
    syncState: 'async',
    sentLsn: at,
    flushLsn: at,
    replayLsn: at,
    replyAgeS: 0.2,
    ...extra,
  };
}

function primary(at: number, senders: readonly SenderRow[], extra: Partial<ReplicationRow> = {}): ReplicationRow {
  return {
    inRecovery: false,
    limited: false,
    lsn: lsn(at),
    replayLsn: null,
    senders,
    slots: [],
    archiveOnly: false,
    receiver: null,
    pauseState: null,
    ...extra,
  };
}

const replica = (state: ReplicationState, name = 'replica-a'): StandbyState => {
  const found = state.standbys.find((standby) => standby.name === name);
  assert.ok(found, `no ${name} among ${state.standbys.map((standby) => standby.name).join()}`);
  return found;
};

describe('replication followed over time', () => {
  it('splits the lag by stage and grades only what is certain', () => {
    const tracker = new ReplicationTracker();
    tracker.take(primary(1000, [sender(1000)]), start);
    const row = primary(5_001_000, [sender(1000, { sentLsn: lsn(4_001_000), flushLsn: lsn(3_001_000) })]);
    const state = tracker.take(row, start + 5000);
    const standby = replica(state);
    assert.deepEqual(
      [standby.pendingBytes, standby.networkBytes, standby.applyBytes, standby.totalBytes],
      [1_000_000, 1_000_000, 3_000_000, 5_000_000],
    );
    assert.deepEqual([standby.lagSeconds, standby.lagAtLeastSeconds], [5, 0]);
    assert.equal(evaluateStandby(standby, start).severity, 'ok');
    assert.equal(evaluateStandby(standby, start).summary, 'streaming · apply 2.9 MB · about 5 s');
    const later = replica(tracker.take(row, start + 10_000));
    assert.equal(evaluateStandby(later, start).severity, 'warning', '5 s are certain, which is not above 5 s');
    assert.equal(evaluateStandby(replica(tracker.take(row, start + 11_000)), start).severity, 'critical');
  });

  it('shows a role without privilege nothing as 0', () => {
    const hidden = { state: null, syncState: null, sentLsn: null, flushLsn: null, replayLsn: null, replyAgeS: null };
    const tracker = new ReplicationTracker();
    const anonymous = sender(0, { name: '', clientAddress: null, ...hidden });
    const state = tracker.take(primary(1000, [anonymous, anonymous], { limited: true }), start);
    assert.deepEqual(
      state.standbys.map((standby) => [standby.state, standby.totalBytes, standby.lagSeconds]),
      [
        ['unknown', null, null],
        ['unknown', null, null],
      ],
    );
    assert.equal(new Set(state.standbys.map((standby) => standby.key)).size, 2);
    assert.equal(evaluateReplication(state, start).severity, 'unknown');
    assert.match(evaluateReplication(state, start).summary, /limited view/);
    const none = tracker.take(primary(1000, [], { limited: true }), start + 5000);
    assert.equal(none.standbys.length, 0, 'what cannot be told apart is not missed');
    assert.equal(evaluateReplication(none, start).severity, 'unknown');
  });

  it('calls an absent standby disconnected, since when, and greets it again', () => {
    const tracker = new ReplicationTracker();
    tracker.take(primary(1000, [sender(1000), sender(1000, { name: 'replica-b' })]), start);
    tracker.take(primary(1000, [sender(1000)]), start + 5000);
    const state = tracker.take(primary(1000, [sender(1000)]), start + 125_000);
    const gone = replica(state, 'replica-b');
    assert.deepEqual([gone.state, gone.totalBytes, gone.lagSeconds], ['disconnected', null, null]);
    assert.equal(evaluateStandby(gone, start + 125_000).summary, 'DISCONNECTED for 2 min');
    assert.equal(evaluateReplication(state, start + 125_000).severity, 'critical');
    const back = tracker.take(primary(1000, [sender(1000), sender(1000, { name: 'replica-b' })]), start + 130_000);
    assert.equal(replica(back, 'replica-b').state, 'streaming');
    assert.equal(evaluateReplication(back, start + 130_000).severity, 'ok');
  });

  it('keeps two standbys apart that share name and machine', () => {
    const tracker = new ReplicationTracker();
    tracker.take(primary(1000, [sender(1000), sender(1000)]), start);
    const state = tracker.take(primary(1000, [sender(1000)]), start + 5000);
    assert.deepEqual(state.standbys.map((standby) => standby.state).sort(), ['disconnected', 'streaming']);
  });

  it('does not miss the dead sender of a standby that came back beside it', () => {
    const tracker = new ReplicationTracker();
    tracker.take(primary(1000, [sender(1000)]), start);
    const both = [sender(900, { replyAgeS: 40 }), sender(1000)];
    assert.deepEqual(
      tracker.take(primary(1000, both), start + 40_000).standbys.map(({ totalBytes }) => totalBytes),
      [0],
    );
    const { standbys } = tracker.take(primary(1000, [sender(1000)]), start + 65_000);
    assert.deepEqual(
      standbys.map(({ state }) => state),
      ['streaming'],
    );
    const alone = tracker.take(primary(1000, [sender(900, { replyAgeS: 40 })]), start + 105_000);
    assert.equal(replica(alone).totalBytes, 100, 'one that is silent alone is still there, and behind');
  });

  it('misses the owner of a used physical slot that it never saw, on a primary only', () => {
    const slots = [
      { name: 'replica_c', physical: true, active: false, used: true },
      { name: 'unused', physical: true, active: false, used: false },
      { name: 'cdc', physical: false, active: false, used: true },
    ];
    const state = new ReplicationTracker().take(primary(1000, [], { slots }), start);
    assert.deepEqual(
      state.standbys.map((standby) => [standby.name, standby.state]),
      [['replica_c', 'disconnected']],
    );
    const onStandby = primary(1000, [], { slots, inRecovery: true, replayLsn: lsn(1000) });
    assert.equal(new ReplicationTracker().take(onStandby, start).standbys.length, 0);
  });

  it('misses a subscriber by its slot, until the slot is dropped', () => {
    const slot = { name: 'cdc', physical: false, active: true, used: true };
    const tracker = new ReplicationTracker();
    tracker.take(primary(1000, [sender(1000, { name: 'cdc', slotName: 'cdc' })], { slots: [slot] }), start);
    const gone = tracker.take(primary(1000, [], { slots: [{ ...slot, active: false }] }), start + 5000);
    assert.equal(replica(gone, 'cdc').state, 'disconnected');
    assert.equal(tracker.take(primary(1000, []), start + 10_000).standbys.length, 0);
  });

  it('does not miss a base backup that is over', () => {
    const tracker = new ReplicationTracker();
    tracker.take(primary(1000, [sender(1000, { name: 'pg_basebackup' })]), start);
    assert.equal(tracker.take(primary(1000, []), start + 5000).standbys.length, 0);
  });

  it('waits for the first report of a standby that has just come', () => {
    const fresh = sender(0, { sentLsn: lsn(900), flushLsn: null, replayLsn: null });
    const standby = replica(new ReplicationTracker().take(primary(1000, [fresh]), start));
    const evaluation = evaluateStandby(standby, start);
    assert.deepEqual([evaluation.severity, evaluation.summary], ['unknown', 'streaming · position not told yet']);
  });

  it('forgets positions and standbys when the server was promoted', () => {
    const tracker = new ReplicationTracker();
    const receiver = { status: 'streaming', senderHost: 'db1', slotName: 'replica_a', latestEndLsn: lsn(3000) };
    const before = tracker.take(
      primary(2000, [sender(1500, { name: 'cascaded' })], { inRecovery: true, replayLsn: lsn(1000), receiver }),
      start,
    );
    assert.equal(before.role, 'standby');
    const { pendingBytes, applyBytes, connected } = before.receiver;
    assert.deepEqual([pendingBytes, applyBytes, connected], [1000, 1000, true]);
    assert.equal(replica(before, 'cascaded').totalBytes, 500);
    const after = tracker.take(primary(3000, []), start + 5000);
    assert.deepEqual([after.role, after.standbys.length], ['primary', 0]);
  });
});

describe("a standby's own side", () => {
  const standby = (extra: Partial<ReplicationRow>): ReplicationState =>
    new ReplicationTracker().take(primary(2000, [], { inRecovery: true, replayLsn: lsn(2000), ...extra }), start);
  const receiver = { status: 'streaming', senderHost: 'db1', slotName: 'replica_a', latestEndLsn: lsn(2000) };

  it('is up to date, or paused', () => {
    assert.equal(evaluateReplication(standby({ receiver }), start).summary, 'up to date');
    assert.equal(evaluateReplication(standby({ receiver }), start).severity, 'ok');
    const paused = evaluateReplication(standby({ receiver, pauseState: 'paused' }), start);
    assert.deepEqual([paused.severity, paused.summary], ['warning', 'up to date · replay paused']);
  });

  it('is disconnected without a receiver, or with one that only tries', () => {
    for (const none of [null, { ...receiver, status: 'starting', latestEndLsn: null }]) {
      const state = standby({ receiver: none });
      const evaluation = evaluateReplication(state, start);
      assert.deepEqual([evaluation.severity, evaluation.summary], ['critical', 'receiver DISCONNECTED']);
      assert.ok(state.role === 'standby' && state.receiver.lagSeconds === null);
    }
  });

  it('is of unknown age when it restores from an archive', () => {
    const evaluation = evaluateReplication(standby({ receiver: null, archiveOnly: true }), start);
    assert.deepEqual([evaluation.severity, evaluation.summary], ['unknown', 'restores from an archive']);
  });
});
