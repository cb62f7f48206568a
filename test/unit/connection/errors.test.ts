import assert from 'node:assert/strict';
import { resolveConnection } from '../../../src/core/connection/resolve';
import type { DatabaseErrorReason } from '../../../src/core/ports/database-error';
import { connectError, type Progress } from '../../../src/postgres/connect-error';
import { sessionEnd, statementError } from '../../../src/postgres/server-error';
import { machine } from './machine';

/** An error as `pg` and Node make them: a message in any language, and codes. */
function raw(message: string, codes: Record<string, string>): Error {
  return Object.assign(new Error(message), codes);
}

/** What cannot be made for real on one machine at will; the rest is in test/database/connection. */
describe('the reason of a failed connection', () => {
  const plain: Progress = { reached: true, tlsAnswer: undefined, secured: false, passwordGiven: false };
  const tls: Progress = { reached: true, tlsAnswer: 'S', secured: false, passwordGiven: false };
  const given: Progress = { ...plain, passwordGiven: true };
  const vectors: readonly (readonly [string, Record<string, string>, DatabaseErrorReason, Progress?])[] = [
    ['das Datenbanksystem startet', { code: '57P03' }, 'starting-up'],
    ['das Datenbanksystem fährt herunter', { code: '57P01' }, 'shutting-down'],
    ['no route to host', { code: 'EHOSTUNREACH' }, 'network'],
    ['network is unreachable', { code: 'ENETUNREACH' }, 'network'],
    ['getaddrinfo', { code: 'EAI_AGAIN' }, 'unknown-host'],
    ['connect', { code: 'ETIMEDOUT' }, 'timeout'],
    ['reset', { code: 'ECONNRESET' }, 'connection-lost'],
    ['reset', { code: 'ECONNRESET' }, 'tls-failed', tls],
    ['reset', { code: 'ECONNRESET' }, 'connection-lost', { ...tls, secured: true }],
    ['self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'tls-untrusted', tls],
    ['not yet valid', { code: 'CERT_NOT_YET_VALID' }, 'tls-untrusted', tls],
    ['no protocols', { code: 'ERR_SSL_NO_PROTOCOLS_AVAILABLE' }, 'tls-failed', tls],
    ['Passwort-Authentifizierung fehlgeschlagen', { code: '28P01' }, 'password-wrong'],
    ['Rolle existiert nicht', { code: '28000', routine: 'InitializeSessionUserId' }, 'role-missing'],
    ['kein Eintrag', { code: '28000', routine: 'ClientAuthentication' }, 'no-pg-hba-entry'],
    // LDAP, PAM and RADIUS: a password was given, and refused. Without one it is the missing entry.
    ['RADIUS-Authentifizierung', { code: '28000', routine: 'auth_failed' }, 'password-wrong', given],
    ['Ident-Authentifizierung', { code: '28000', routine: 'auth_failed' }, 'no-pg-hba-entry'],
    ['zu viele', { code: '53300' }, 'too-many-connections'],
    ['something new', { code: 'XX000' }, 'statement-failed'],
  ];
  for (const [message, codes, reason, progress] of vectors) {
    it(`${Object.values(codes).join(' ')} is ${reason}`, async () => {
      const at = await resolveConnection({ host: 'db1', user: 'app', database: 'shop' }, machine(), 's3cret');
      const told = connectError(raw(message, codes), at, progress ?? plain);
      assert.equal(told.reason, reason);
      assert.equal(told.code, codes['code']);
      assert.match(told.message, /db1/);
      assert.ok(told.remedy);
      assert.ok(!`${told.message}${told.remedy}${told.stack ?? ''}`.includes('s3cret'));
    });
  }
});

describe('the reason of a failed statement', () => {
  const asked = { statement: 'locks', place: 'db1:5432', limitMs: 5000, elapsedMs: 5003 };

  it('tells the limit from a cancel by the time that passed', () => {
    const error = raw('canceling statement', { code: '57014' });
    assert.equal(statementError(error, asked).reason, 'statement-timeout');
    assert.equal(statementError(error, { ...asked, elapsedMs: 4990 }).reason, 'cancelled-by-server');
  });

  it('takes everything without a SQLSTATE as a lost connection', () => {
    assert.equal(statementError(new Error('Connection terminated'), asked).reason, 'connection-lost');
    assert.equal(statementError(raw('x', { code: 'EPIPE' }), asked).reason, 'connection-lost');
    assert.equal(sessionEnd(raw('x', { code: 'ECONNRESET' }), 'db1:5432').reason, 'connection-lost');
    assert.equal(sessionEnd(raw('x', { code: '57P05' }), 'db1:5432').reason, 'shutting-down');
  });

  it('takes a conflict with replay on a standby as cancelled by the server', () => {
    assert.equal(statementError(raw('conflict with recovery', { code: '40001' }), asked).reason, 'cancelled-by-server');
  });
});
