import type { ConnectionProfile } from '../core/connection/profile';
import { resolveConnection, type ResolvedConnection } from '../core/connection/resolve';
import type { SessionOpener } from '../core/ports/connections';
import { DatabaseError } from '../core/ports/database-error';
import type { PasswordSource } from '../core/ports/passwords';
import type { Session } from '../core/ports/session';
import type { SystemAccess } from '../core/ports/system-access';
import { abortError } from './abort-error';
import { probe } from './capabilities';
import { AttemptFailed, connectOnce, type Link } from './connect';
import { connectError, placeOf, timeoutError } from './connect-error';
import { codeOf } from './server-error';
import { commonParameters, directParameters } from './session-settings';
import { PostgresSession } from './session';
import type { StartupParameters } from './startup-client';
import { encryptionAttempts } from './tls';

/** The SQLSTATE of a pooler's every refusal, and of PostgreSQL's for messages it does not understand. */
const protocolViolation = '08P01';
/** pg_hba.conf refuses: another kind of encryption may have a rule of its own. */
const invalidAuthorization = '28000';

/** Opens sessions as libpq would: service file, environment, password file, TLS modes. */
export class PostgresOpener implements SessionOpener {
  constructor(
    private readonly passwords: PasswordSource,
    private readonly system: SystemAccess,
  ) {}

  /** Rejects with a DatabaseError, or with an AbortError when the signal is aborted. */
  async open(profile: ConnectionProfile, signal: AbortSignal): Promise<Session> {
    const at = await resolveConnection(profile.target, this.system, await this.passwords.password(profile.id));
    if (signal.aborted) throw abortError();
    // AbortSignal.any would stay behind at a signal that outlives many attempts.
    const attempt = new AbortController();
    const stop = (): void => attempt.abort();
    const timer = setTimeout(stop, at.connectTimeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await this.openWithin(at, attempt.signal);
    } catch (error) {
      if (!attempt.signal.aborted) throw error;
      throw isAborted(signal) ? abortError() : timeoutError(at);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  private async openWithin(at: ResolvedConnection, signal: AbortSignal): Promise<Session> {
    const direct = await this.tryParameters(at, directParameters, signal);
    if (direct !== 'pooler') return direct;
    const pooled = await this.tryParameters(at, commonParameters, signal);
    if (pooled === 'pooler') throw new Error('A session without parameters takes a pooler as it is.');
    return pooled;
  }

  /** A session with these parameters, or the news that a pooler stands between and must be met without them. */
  private async tryParameters(
    at: ResolvedConnection,
    parameters: StartupParameters,
    signal: AbortSignal,
  ): Promise<PostgresSession | 'pooler'> {
    const wantsDirect = parameters === directParameters;
    let link: Link;
    try {
      link = await this.connect(at, parameters, signal);
    } catch (error) {
      if (wantsDirect && error instanceof DatabaseError && error.code === protocolViolation) return 'pooler';
      throw error;
    }
    const session = new PostgresSession(link, placeOf(at), wantsDirect);
    try {
      const [found] = await session.read(probe, signal);
      if (!found) throw new Error('The probe returned no row.');
      const pooler = link.client.processID !== found.backendPid;
      session.identify({ ...found, pooler });
      if (!pooler || !wantsDirect) return session;
    } catch (error) {
      void session.close();
      throw error;
    }
    await session.close();
    return 'pooler';
  }

  /** Goes through the ways to encrypt that the mode allows. */
  private async connect(at: ResolvedConnection, parameters: StartupParameters, signal: AbortSignal): Promise<Link> {
    let worthTelling: DatabaseError | undefined;
    const ways = await encryptionAttempts(at);
    for (const [index, encryption] of ways.entries()) {
      try {
        return await connectOnce(at, encryption, parameters, signal);
      } catch (error) {
        if (!(error instanceof AttemptFailed)) throw error;
        const told = connectError(error.failure, at, error.progress);
        const next = index + 1 < ways.length && mayTryAnother(error, told);
        if (!next) throw worthTelling ?? told;
        // A server without TLS is no failure where TLS is only preferred; what TLS itself says helps more than "no entry".
        if (encryption && told.reason !== 'tls-not-supported') worthTelling = told;
      }
    }
    throw worthTelling ?? new Error('No way to connect was tried.');
  }
}

/** A function, for the value changes while a connection is opened. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/**
 * libpq tries the other kind of encryption after any refusal. Here only where it can help: a wrong password must not
 * be sent again in clear.
 */
function mayTryAnother(failed: AttemptFailed, told: DatabaseError): boolean {
  return (
    failed.progress.reached &&
    (codeOf(failed.failure) === invalidAuthorization ||
      ['tls-not-supported', 'tls-failed', 'tls-untrusted', 'tls-hostname'].includes(told.reason))
  );
}
