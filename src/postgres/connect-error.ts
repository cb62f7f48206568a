import type { ResolvedConnection } from '../core/connection/resolve';
import { DatabaseError, type DatabaseErrorReason } from '../core/ports/database-error';
import { codeOf, isSqlState, routineOf } from './server-error';
import { tlsError } from './tls-error';

/** `pg` asked for a password and there was none: told apart from a wrong one. */
export class MissingPassword extends Error {
  readonly reason = 'password-missing';
}

/** How far an attempt came. */
export interface Progress {
  /** The socket was connected. */
  reached: boolean;
  /** The server's answer to the question for TLS: `S` yes, `N` no; anything else is not PostgreSQL's. */
  tlsAnswer: string | undefined;
  /** The TLS handshake was done. */
  secured: boolean;
  /** The server asked for the password and was given it. */
  passwordGiven: boolean;
}

/** `host:port`, or the directory of the socket. */
export function placeOf(at: ResolvedConnection): string {
  if (at.host.startsWith('/')) return `${at.host} (socket, port ${at.port})`;
  return at.host.includes(':') ? `[${at.host}]:${at.port}` : `${at.host}:${at.port}`;
}

/** Says why a connection could not be opened and what to do. Holds no secret: names and places only. */
export function connectError(error: unknown, at: ResolvedConnection, progress: Progress): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const place = placeOf(at);
  const code = codeOf(error);
  if (error instanceof MissingPassword) {
    return new DatabaseError(
      'password-missing',
      `${place} asks for the password of "${at.user}" and there is none.`,
      ['Enter it with Edit Connection, or add a line to ~/.pgpass.', ...at.notices].join(' '),
    );
  }
  if (isSqlState(code)) return refusal(error, code, at, place, progress);
  const tls = tlsError(code, textOf(error), at, place, progress);
  if (tls) return tls;
  const network = networkError(code, at, place);
  if (network) return network;
  return new DatabaseError(
    'connection-lost',
    `The connection to ${place} failed while it was being opened: ${textOf(error)}.`,
    'Check that PostgreSQL listens there and asks for a password or a certificate (not GSSAPI or SSPI), and see its log.',
    code,
  );
}

/** The server, or a pooler in front of it, answered with a SQLSTATE. */
function refusal(
  error: unknown,
  code: string,
  at: ResolvedConnection,
  place: string,
  { passwordGiven }: Progress,
): DatabaseError {
  const text = textOf(error);
  const fail = (reason: DatabaseErrorReason, message: string, remedy: string): DatabaseError =>
    new DatabaseError(reason, message, remedy, code);
  switch (code) {
    case '28P01':
      return fail(
        'password-wrong',
        `${place} refused the password of "${at.user}"${at.password ? `, which came from ${at.password.from}` : ''}.`,
        'Enter the right one with Edit Connection. PostgreSQL says the same when the role does not exist.',
      );
    case '28000':
      // LDAP, PAM and RADIUS refuse a password with this code. Repeated, it locks the account of the directory.
      if (passwordGiven && routineOf(error) === 'auth_failed')
        return fail(
          'password-wrong',
          `${place} refused the password of "${at.user}"${at.password ? `, which came from ${at.password.from}` : ''}: ${text}.`,
          'Enter the right one with Edit Connection, or check that the service behind (LDAP, PAM, RADIUS) answers the server.',
        );
      // One code for pg_hba.conf and for the role; the routine tells them apart in every language.
      return routineOf(error) === 'InitializeSessionUserId'
        ? fail('role-missing', `${place} cannot log in "${at.user}": ${text}.`, 'Check the user with Edit Connection.')
        : fail(
            'no-pg-hba-entry',
            `${place} does not let "${at.user}" in to "${at.database}": ${text}.`,
            'Add a matching line to pg_hba.conf on the server and reload it, or use another user, database or sslmode.',
          );
    case '3D000':
      return fail(
        'database-missing',
        `There is no database "${at.database}" on ${place}.`,
        'Check the name with Edit Connection. Without one, PostgreSQL takes the name of the user.',
      );
    case '42501':
      return fail(
        'permission-denied',
        `"${at.user}" may not connect to "${at.database}" on ${place}: ${text}.`,
        'Grant CONNECT on the database to the role, or use another database.',
      );
    case '53300':
      // The limit of the server, of the role and of the database share the code; the server's text names the one.
      return fail(
        'too-many-connections',
        `${place} has no connection left for "${at.user}" on "${at.database}": ${text}.`,
        'End idle sessions or raise the limit the message names (max_connections, or CONNECTION LIMIT of the role or database). The last slots are kept for superusers and, from version 16, for members of pg_use_reserved_connections (reserved_connections).',
      );
    case '57P03':
      return fail('starting-up', `${place} takes no connections now: ${text}.`, 'It is tried again by itself.');
    case '57P01':
    case '57P02':
      return fail('shutting-down', `${place} is shutting down: ${text}.`, 'It is tried again by itself.');
    case '08P01':
      // A pooler's every refusal has this code; what it means stands only in its text.
      return fail(
        'pooler-refused',
        `The pooler at ${place} refused "${at.user}" on "${at.database}": ${text}.`,
        'Check the databases, the users and the limits of the pooler.',
      );
    case '55000':
      return fail('refused', `${place} refuses "${at.database}": ${text}.`, 'Connect to another database.');
    default:
      return fail('statement-failed', `${place} refused the connection: ${text}.`, 'See the log of the server.');
  }
}

function networkError(code: string | undefined, at: ResolvedConnection, place: string): DatabaseError | undefined {
  const fail = (reason: DatabaseErrorReason, message: string, remedy: string): DatabaseError =>
    new DatabaseError(reason, message, remedy, code);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
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
        'Check that the server runs here, or give a host name.',
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
    case 'EPERM':
      return fail('network', `${place} cannot be reached (${code}).`, 'Check the network, the VPN and the firewall.');
    case 'ETIMEDOUT':
      return timeoutError(at, code);
    case undefined:
    default:
      return undefined;
  }
}

export function timeoutError(at: ResolvedConnection, code?: string): DatabaseError {
  return new DatabaseError(
    'timeout',
    `${placeOf(at)} did not answer within ${at.connectTimeoutMs / 1000} s.`,
    'A firewall may swallow the packets, or the server hangs. Check the address and the network; connectTimeoutS sets the limit.',
    code,
  );
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
