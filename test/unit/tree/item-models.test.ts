import assert from 'node:assert/strict';
import type { ConnectionProfile } from '../../../src/core/connection/profile';
import type { StandbyState } from '../../../src/core/health/replication';
import { defaultThresholds } from '../../../src/core/health/thresholds';
import type { Reading } from '../../../src/core/health/status';
import type { ServerSnapshot } from '../../../src/core/monitor/snapshot';
import { childrenOf } from '../../../src/vscode/tree/children';
import { connectionItem, latencyText } from '../../../src/vscode/tree/connection-item';
import { elementId } from '../../../src/vscode/tree/element';
import { lockItem } from '../../../src/vscode/tree/lock-item';
import { overview } from '../../../src/vscode/tree/overview';
import { oneLine } from '../../../src/vscode/tree/plain-text';
import { partItem } from '../../../src/vscode/tree/part-item';
import { signalItem } from '../../../src/vscode/tree/signal-item';
import { partTooltip } from '../../../src/vscode/tree/tooltips';
import { lockRow, lockState } from './lock-state';
import { now, signal, snapshot } from './snapshot';

const profile: ConnectionProfile = { id: 'c', name: 'shop', environment: 'development', readOnly: false, target: {} };

describe('a connection in the tree', () => {
  it('names what is wrong first', () => {
    const bad = signal<never>({ kind: 'pending' }, 'warning');
    const item = connectionItem(profile, snapshot({ status: 'warning', sessions: bad, locks: bad }), now);
    assert.equal(item.description, '2 warnings · primary · 17.2 · <5 ms');
    assert.equal(item.accessibleLabel, 'shop, warning, 2 warnings, primary, 17.2, <5 ms');
  });

  it('tells no role, version or round trip of a server that is away', () => {
    const away = snapshot({ status: 'unreachable', lastSeen: now - 125_000 });
    const item = connectionItem({ ...profile, environment: 'production' }, away, now);
    assert.equal(item.description, 'unreachable · last seen 2 min ago · production');
    assert.equal(item.contextValue, 'connection.online', 'it is tried again, and can be disconnected');
  });

  it('is offline only when nobody watches it', () => {
    const off = connectionItem(profile, snapshot({ watched: false, status: 'unknown' }), now);
    assert.deepEqual([off.description, off.contextValue], ['not connected', 'connection.offline']);
    const unknown = connectionItem(profile, snapshot({ status: 'unknown' }), now);
    assert.equal(unknown.contextValue, 'connection.online');
  });

  it('has no parts while it is not watched, and only the reason when it was never reached', () => {
    const element = { kind: 'connection', connectionId: 'c' } as const;
    assert.deepEqual(childrenOf(element, snapshot({ watched: false })), []);
    const never = snapshot({
      status: 'unreachable',
      lastSeen: null,
      statusReason: 'Nothing listens.',
      remedy: 'Start it.',
    });
    assert.deepEqual(childrenOf(element, never).map(elementId), ['c/note/reason', 'c/note/remedy']);
    const before = snapshot({ status: 'unreachable', statusReason: 'Nothing listens.' });
    assert.equal(childrenOf(element, before).length, 9);
  });

  it('gives a round trip as the bound it stays under', () => {
    assert.deepEqual([0, 4.9, 5, 999, 6000].map(latencyText), ['<5 ms', '<5 ms', '<10 ms', '<1 s', '≥5 s']);
  });
});

describe('a signal in the tree', () => {
  const at = now - 90_000;
  const cases: readonly [string, Reading<number>, string, string][] = [
    ['current', { kind: 'value', value: 1, at: now, stale: false }, 'pass', '3/97 sessions'],
    ['stale', { kind: 'value', value: 1, at, stale: true }, 'history', '90 s ago: 3/97 sessions'],
    ['lost', { kind: 'failed', message: 'gone', last: { value: 1, at } }, 'history', '90 s ago: 3/97 sessions'],
    ['skipped', { kind: 'skipped', message: 'locked', last: { value: 1, at } }, 'history', '90 s ago: 3/97 sessions'],
    ['never read', { kind: 'failed', message: 'broken' }, 'question', '3/97 sessions'],
    ['not permitted', { kind: 'denied', message: 'no' }, 'lock', '3/97 sessions'],
    ['pending', { kind: 'pending' }, 'loading~spin', '3/97 sessions'],
  ];
  for (const [name, reading, icon, description] of cases) {
    it(`is ${name}: never green unless current, and its age in words`, () => {
      const item = signalItem('pool', signal(reading), now);
      assert.deepEqual([item.icon.id, item.description], [icon, description]);
    });
  }

  it('says to the ear what the icon says to the eye', () => {
    const stale = signalItem('pool', signal({ kind: 'value', value: 1, at, stale: true }, 'unknown'), now);
    assert.equal(stale.accessibleLabel, 'Pool, stale, 90 s ago: 3/97 sessions');
  });
});

describe('a standby in the tree', () => {
  it('is graded by the limits that the person has set, as its group is, and its hover names these', () => {
    const standby: StandbyState = {
      ...{
        key: 's',
        name: 'replica-a',
        clientAddress: null,
        slotName: null,
        state: 'streaming' as const,
        syncState: null,
      },
      ...{ pendingBytes: 0, networkBytes: 0, applyBytes: 2 ** 24, totalBytes: 2 ** 24, lagSeconds: 3, replyAgeS: 0 },
    };
    const lagS = { warning: 3600, critical: 7200, own: true } as const;
    const lagBytes = { warning: 2 ** 30, critical: 2 ** 31, own: true } as const;
    const thresholds = { ...defaultThresholds, lagS, lagBytes };
    const element = { kind: 'standby', connectionId: 'c', standby } as const;
    assert.match(partItem(element, true, now).accessibleLabel, /^replica-a, warning,/);
    assert.match(partItem(element, true, now, thresholds).accessibleLabel, /^replica-a, ok,/);
    const { lines } = partTooltip(element, true, now, snapshot({ thresholds }));
    assert.match(lines.join('\n'), /^Standby replica-a: ok\n.*Warning above 1 GB or 60 min.*set in dbOps\.thresholds/);
  });
});

describe('a session of the blocking graph', () => {
  const { sessions } = lockState({ 1: [], 2: [], 3: [1, 2] });
  const place = { kind: 'lockSession', connectionId: 'c', path: [1, 3], repeated: false } as const;

  it('names the blockers that do not stand above it', () => {
    const item = lockItem({ ...place, session: sessions.get(3)! }, true);
    assert.equal(item.description, 'UPDATE t SET n = 1 · waits 60 s · also waits for 2');
    assert.equal(item.contextValue, 'lockSession');
  });

  it('offers no action on a graph of the past or on a prepared transaction', () => {
    assert.notEqual(lockItem({ ...place, session: sessions.get(3)! }, false).contextValue, 'lockSession');
    const prepared = { ...sessions.get(1)!, pid: 0, preparedTransactions: ['tx 1'] };
    const item = lockItem({ ...place, path: [0], session: prepared }, true);
    assert.notEqual(item.contextValue, 'lockSession');
    assert.match(item.label, /tx 1/);
  });

  it('says that a statement is hidden instead of showing the words of the server', () => {
    const hidden = { ...lockRow(3, [1], { query: '<insufficient privilege>', application: '' }).session };
    const session = { ...sessions.get(3)!, ...hidden };
    assert.match(lockItem({ ...place, session }, true).description, /^statement hidden · waits/);
    assert.equal(partTooltip({ ...place, session }, true, now).sql, undefined);
  });
});

describe('the status item', () => {
  const of = (name: string, changes: Partial<ServerSnapshot>) => ({
    profile: { ...profile, name },
    snapshot: snapshot(changes),
  });

  it('names the worst, counts the rest, and colors only what is wrong', () => {
    assert.equal(
      overview([of('a', {}), of('b', { status: 'limited' })], true).text,
      '$(database) DB Ops: b limited view',
    );
    const worst = overview([of('a', { status: 'critical' }), of('b', { status: 'unreachable' })], true);
    assert.equal(worst.text, '$(error) DB Ops: b unreachable, 1 critical');
    assert.equal(worst.badge?.value, 2);
    assert.equal(worst.background, 'statusBarItem.errorBackground');
    assert.equal(overview([of('a', { status: 'ok' })], true).background, undefined);
  });

  it('calls nothing ok while nothing is read', () => {
    assert.equal(overview([of('a', {})], false).text, '$(debug-pause) DB Ops: paused');
    assert.equal(overview([of('a', { watched: false })], true).text, '$(database) DB Ops: not connected');
  });

  it('keeps a name that looks like an icon as text', () => {
    assert.ok(overview([of('$(pass) ok', { status: 'critical' })], true).text.includes('\\$(pass) ok critical'));
  });
});

describe('text of a server', () => {
  it('stays on one line, cut, and cannot turn the direction of reading', () => {
    assert.equal(oneLine('  a\n\tb  '), 'a b');
    assert.equal(oneLine('safe\u202Etxt\u0007'), 'safe\uFFFDtxt\uFFFD');
    assert.equal(oneLine('x'.repeat(200)).length, 120);
    assert.equal(oneLine(`${'x'.repeat(118)}🐘🐘`), `${'x'.repeat(118)}…`);
  });
});
