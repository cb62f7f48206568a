import assert from 'node:assert/strict';
import type { DatabaseErrorReason } from '../../../src/core/ports/database-error';
import type { Candidate, Cluster } from '../../../src/core/runbooks/database-unavailable/candidates';
import type { Reach, ServerSelf, Stage } from '../../../src/core/runbooks/database-unavailable/reach';
import { unavailableVerdict } from '../../../src/core/runbooks/database-unavailable/unavailable-verdict';
import type { StandbySide } from '../../../src/core/runbooks/standby-side';

const side = (values: Partial<StandbySide> = {}): StandbySide => ({
  inRecovery: true,
  systemIdentifier: '7',
  timeline: 1,
  receivedLsn: '0/2000000',
  replayedLsn: '0/2000000',
  applyBytes: 0,
  paused: false,
  receiving: false,
  senderHost: null,
  senderPort: null,
  slotName: null,
  applyDelayMs: 0,
  lastReplayS: 1,
  streamingDelayMs: 30_000,
  conflicts: 0,
  walReceiverStatus: null,
  limited: false,
  ...values,
});
const candidate = (connection: string, follows: boolean | null, values: Partial<StandbySide> = {}): Candidate => ({
  connectionId: connection,
  connection,
  side: side(values),
  behindBytes: 0,
  follows,
});
const nobody: Cluster = { candidates: [], primaries: [], unanswered: [] };
const stopped = (at: Stage, reason: DatabaseErrorReason): Reach => ({
  kind: 'stopped',
  at,
  reason,
  message: 'It said no.',
  remedy: undefined,
});
const self: ServerSelf = { inRecovery: false, readOnly: false, startedAt: 'x', upS: 90_000, used: 3, usable: 97 };
const refused = stopped('port', 'connection-refused');

describe('the verdict on a database that is unavailable', () => {
  const reached: readonly (readonly [string, Partial<ServerSelf>, RegExp])[] = [
    ['up', {}, /is up and takes a new login/],
    ['standby', { inRecovery: true }, /as a STANDBY/],
    ['read-only', { readOnly: true }, /every transaction read-only/],
  ];
  for (const [cause, values, headline] of reached) {
    it(`${cause}, where it answers`, () => {
      const verdict = unavailableVerdict({ kind: 'reached', self: { ...self, ...values } }, nobody);
      assert.equal(verdict.cause, cause);
      assert.match(verdict.headline, headline);
      assert.equal(verdict.next, undefined);
    });
  }
  const ends: readonly (readonly [string, Stage, DatabaseErrorReason])[] = [
    ['name', 'name', 'unknown-host'],
    ['tls', 'tls', 'tls-untrusted'],
    ['authentication', 'authentication', 'password-wrong'],
    ['full', 'session', 'too-many-connections'],
    ['starting', 'session', 'starting-up'],
    ['stopping', 'session', 'shutting-down'],
    ['database', 'session', 'database-missing'],
    ['lost', 'session', 'connection-lost'],
    ['port', 'port', 'timeout'],
  ];
  for (const [cause, at, reason] of ends) {
    it(`${cause}, by ${reason}; what the server said stands in it, and nobody is told to promote`, () => {
      const verdict = unavailableVerdict(stopped(at, reason), nobody);
      assert.equal(verdict.cause, cause);
      assert.ok(verdict.lines.includes('It said no.'));
      assert.equal(verdict.next, undefined);
    });
  }

  it('it is down where no standby receives: the one that has the most is named', () => {
    const cluster = { ...nobody, candidates: [candidate('a', true), candidate('b', null)] };
    const verdict = unavailableVerdict(refused, cluster);
    assert.deepEqual([verdict.cause, verdict.next?.step], ['port', 'promote']);
    assert.match(verdict.headline, /^The server is down/);
    assert.match(verdict.next?.words ?? '', /fenced, promote a/);
  });

  it('it lives where a standby still receives from it, whatever the others do', () => {
    const receives = candidate('b', true, { receiving: true, senderHost: '10.0.0.1' });
    const verdict = unavailableVerdict(refused, { ...nobody, candidates: [candidate('a', true), receives] });
    assert.deepEqual([verdict.cause, verdict.next], ['path', undefined]);
  });

  it('is not known where a standby receives from somewhere, or does not tell: nothing is to be promoted', () => {
    for (const receiving of [true, null]) {
      const other = candidate('b', null, { receiving });
      const verdict = unavailableVerdict(refused, { ...nobody, candidates: [candidate('a', true), other] });
      assert.deepEqual([verdict.cause, verdict.next], ['unclear', undefined], String(receiving));
      assert.match(verdict.headline, /Whether it is down is not known/);
      assert.match(verdict.lines.join(' '), receiving === true ? /b still receives/ : /b may still receive/);
    }
  });

  it('leaves out the standbys of another cluster, whose primary answers', () => {
    const other = candidate('b', null, { receiving: true, systemIdentifier: '8' });
    const primary = {
      connectionId: 'p',
      connection: 'billing',
      side: side({ systemIdentifier: '8', inRecovery: false }),
    };
    const verdict = unavailableVerdict(refused, {
      ...nobody,
      candidates: [candidate('a', true), other],
      primaries: [primary],
    });
    assert.deepEqual([verdict.cause, verdict.next?.step], ['port', 'promote']);
    assert.match(verdict.lines.join(' '), /Already a primary: billing/);
  });

  it('says what is missing where there is no standby to ask', () => {
    assert.match(unavailableVerdict(refused, nobody).lines.join(' '), /No standby is among the saved connections/);
    const unanswered = [{ profile: { id: 'r' } as never, answer: undefined, problem: 'x' }];
    assert.match(
      unavailableVerdict(refused, { ...nobody, unanswered }).lines.join(' '),
      /the network from here may be gone/,
    );
  });
});
