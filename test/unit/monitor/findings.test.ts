import assert from 'node:assert/strict';
import { immediateAction } from '../../../src/core/alerts/immediate-action';
import { observationsOf } from '../../../src/core/alerts/observation';
import { evaluateReceiver } from '../../../src/core/health/replication-evaluation';
import type { ReceiverState, StandbyState } from '../../../src/core/health/replication';
import { findingsOf } from '../../../src/core/monitor/findings';
import { observedOutcomes } from '../../../src/core/monitor/observed-outcomes';
import type { ServerSnapshot } from '../../../src/core/monitor/snapshot';
import { now, signal, snapshot } from '../tree/snapshot';

describe('the numbers for history and alerts', () => {
  const valueOf = (changes: Partial<ServerSnapshot>, wanted: string): number | null | undefined =>
    findingsOf(snapshot(changes)).find(({ signal }) => signal === wanted)?.value;

  for (const [what, changes, up, latency] of [
    ['a server that answers', { status: 'warning', latencyMs: 3 }, 1, 3],
    ['a server that has stopped to answer', { status: 'stale', latencyMs: 3 }, null, null],
    ['a server that is being connected to', { status: 'connecting', latencyMs: null }, null, null],
    ['a server that is away', { status: 'unreachable', latencyMs: null }, 0, null],
    ['a server that starts', { status: 'unreachable', failure: 'starting-up', latencyMs: null }, 0, null],
    ['a full server', { status: 'unreachable', failure: 'too-many-connections', latencyMs: null }, 1, null],
    ['a server that refuses us', { status: 'unreachable', failure: 'password-wrong', latencyMs: null }, 1, null],
    [
      'a server that was not asked',
      { status: 'unreachable', failure: 'password-missing', latencyMs: null },
      null,
      null,
    ],
    ['a server that nobody watches', { watched: false, status: 'unknown', latencyMs: null }, null, null],
  ] as const) {
    it(`of ${what} call nothing current that is not`, () => {
      assert.deepEqual([valueOf(changes, 'server.up'), valueOf(changes, 'server.latency')], [up, latency]);
    });
  }
});

describe('the alert for a server that is away', () => {
  const told = (changes: Partial<ServerSnapshot>): string[] =>
    observedOutcomes(snapshot({ status: 'unreachable', statusReason: 'It is so.', latencyMs: null, ...changes }), now)
      .flatMap((outcome) => observationsOf('c', outcome))
      .filter(({ signal, severity }) => signal.startsWith('server.') && ['warning', 'critical'].includes(severity))
      .map((seen) => `${seen.signal} ${seen.severity} ${seen.runbook}: ${seen.words}. ${immediateAction(seen)}`);

  it('lets nobody fail over a server that is full, that refuses a login, or that is a standby', () => {
    assert.match(told({}).join(), /^server\.up critical database-unavailable: It is so\. Check .* fail over/);
    assert.match(
      told({ failure: 'too-many-connections' }).join(),
      /^server\.login critical pool-exhaustion: It is so\. Look for long-running queries/,
    );
    assert.match(told({ failure: 'password-wrong' }).join(), /^server\.login warning .* no reason to fail over\.$/);
    assert.match(told({ role: 'standby' }).join(), /^server\.up critical .* this standby;/);
  });
});

describe('a standby that a role without privilege sees', () => {
  it('is connected when its slot is served, so that its alert ends; without a slot nobody can say which it is', () => {
    const hidden = { clientAddress: null, syncState: null, pendingBytes: null, networkBytes: null, applyBytes: null };
    const connected = (slotName: string | null): number | null | undefined => {
      const standby: StandbyState = {
        ...{ ...hidden, key: 's', name: 's', slotName, state: 'unknown' },
        ...{ totalBytes: null, lagSeconds: null, replyAgeS: null },
      };
      const value = { role: 'primary', standbys: [standby], limited: true } as const;
      const found = findingsOf(snapshot({ replication: signal({ kind: 'value', value, at: now, stale: false }) }));
      return found.find(({ signal: one }) => one === 'standby.connected')?.value;
    };
    assert.deepEqual([connected('s'), connected(null)], [1, null]);
  });
});

describe('the alerts of a standby for itself', () => {
  const state: ReceiverState = {
    connected: true,
    senderHost: 'primary',
    slotName: null,
    pendingBytes: 0,
    applyBytes: 2 ** 20,
    lagSeconds: null,
    lagAtLeastSeconds: 60,
    pauseState: 'not paused',
  };
  const severities = (receiver: ReceiverState): (string | undefined)[] => {
    const value = { role: 'standby', receiver, standbys: [], limited: false } as const;
    const replication = signal({ kind: 'value', value, at: now, stale: false });
    const found = findingsOf(snapshot({ role: 'standby', replication }));
    return ['lag-bytes', 'lag-seconds', 'paused'].map(
      (name) => found.find(({ signal: one }) => one === `receiver.${name}`)?.severity,
    );
  };

  it('know what the tree knows: further behind than the history, not received, paused, and nothing uncertain', () => {
    assert.deepEqual(severities(state), ['ok', 'critical', 'ok']);
    assert.equal(evaluateReceiver(state).severity, 'critical');
    assert.deepEqual(severities({ ...state, lagSeconds: 4, lagAtLeastSeconds: 0 }), ['ok', 'ok', 'ok']);
    const network = { ...state, applyBytes: 0, pendingBytes: 2 ** 24, lagAtLeastSeconds: 2 };
    assert.deepEqual(severities(network), ['warning', 'warning', 'ok']);
    assert.deepEqual(severities({ ...state, applyBytes: 0, pauseState: 'paused' }), ['ok', 'ok', 'warning']);
  });
});
