import type { ResolvedConnection } from '../core/connection/resolve';
import { DatabaseError, type DatabaseErrorReason } from '../core/ports/database-error';
import { codeOf } from './server-error';

/** `pg` asked for a password and there was none: told apart from a wrong one. */
export class MissingPassword extends Error {
  readonly reason = 'password-missing';
}

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
]);

/** Says why a connection could not be opened and what to do. Holds no secret: names and places only. */
export function connectError(error: unknown, at: ResolvedConnection): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const place = at.host.startsWith('/') ? `${at.host} (socket, port ${at.port})` : `${at.host}:${at.port}`;
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : '';
  const fail = (reason: DatabaseErrorReason, message: string, remedy: string): DatabaseError =>
    new DatabaseError(reason, message, remedy, code);

  if (error instanceof MissingPassword) {
    return fail(
      'password-missing',
      `${place} asks for the password of "${at.user}" and there is none.`,
      ['Enter it with Edit Connection, or add a line to ~/.pgpass.', ...at.notices].join(' '),
    );
  }
  switch (code) {
    case '28P01':
      return fail(
        'password-wrong',
        `${place} refused the password of "${at.user}"${at.password ? ` (it came from ${at.password.from})` : ''}.`,
        'Enter the right one with Edit Connection. PostgreSQL says the same when the role does not exist.',
      );
    case '28000':
      return fail(
        'no-pg-hba-entry',
        `${place} does not let "${at.user}" in to "${at.database}": ${text}.`,
        'Add a matching line to pg_hba.conf on the server and reload it, or use another user, database or sslmode.',
      );
    case '3D000':
      return fail(
        'database-missing',
        `There is no database "${at.database}" on ${place}.`,
        'Check the name with Edit Connection.',
      );
    case '53300':
      return fail(
        'too-many-connections',
        `${place} has no connection left for "${at.user}": ${text}.`,
        'End idle sessions, use a role of pg_use_reserved_connections (16+), or let a superuser connect: the last slots are theirs. A limit may also stand on the role or the database (CONNECTION LIMIT).',
      );
    case '57P03':
      return fail('starting-up', `${place} is starting up or recovering: ${text}.`, 'It is tried again by itself.');
    case '57P01':
    case '57P02':
      return fail('shutting-down', `${place} is shutting down.`, 'It is tried again by itself.');
    case '08P01':
      return fail(
        'pooler-refused',
        `The pooler at ${place} refused: ${text}.`,
        'Check the database and user lists of the pooler.',
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
      return fail(
        'unknown-host',
        `The host name "${at.host}" cannot be resolved.`,
        'Check the name, the VPN and the DNS of this machine.',
      );
    case 'ECONNREFUSED':
      return fail(
        'connection-refused',
        `Nothing listens on ${place}.`,
        'Check the port, that the server runs, and its listen_addresses.',
      );
    case 'ENOENT':
      return fail(
        'connection-refused',
        `There is no socket for port ${at.port} in ${at.host}.`,
        'Check that the server runs, or give a host name.',
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EACCES':
    case 'EPERM':
      return fail('network', `${place} cannot be reached (${code}).`, 'Check the network, the VPN and the firewall.');
    case 'ETIMEDOUT':
      return timeout(place, at.connectTimeoutMs, code);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return fail(
        'tls-hostname',
        `The certificate of ${place} is for another name: ${text}.`,
        'Connect by a name in the certificate, or use sslmode=verify-ca to check the issuer only.',
      );
    default:
  }
  if (code !== undefined && untrusted.has(code)) {
    return fail(
      'tls-untrusted',
      `The certificate of ${place} is not trusted (${code}).`,
      'Set sslRootCert to the certificate of its authority ("system" for the well-known ones), or use sslmode=require to encrypt without a check.',
    );
  }
  if (code !== undefined && /^(ERR_SSL|ERR_TLS|EPROTO)/.test(code)) {
    return fail(
      'tls-failed',
      `TLS with ${place} failed (${code}).`,
      'Check the certificates and the TLS versions of both ends.',
    );
  }
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code)) {
    return fail('statement-failed', `${place} refused the connection: ${text}.`, 'See the log of the server.');
  }
  return fail(
    'connection-lost',
    `${place} closed the connection while it was being opened.`,
    'Check that PostgreSQL listens there, and see its log.',
  );
}

export function timeout(place: string, ms: number, code?: string): DatabaseError {
  return new DatabaseError(
    'timeout',
    `${place} did not answer within ${ms / 1000} s.`,
    'A firewall may swallow the packets, or the server hangs. Check the address and the network; connectTimeoutS sets the limit.',
    code,
  );
}
