import type { ResolvedConnection } from '../core/connection/resolve';
import type { DatabaseError } from '../core/ports/database-error';
import { abortError } from './abort-error';
import { AttemptFailed, connectOnce, type Link } from './connect';
import { connectError, timeoutError } from './connect-error';
import { codeOf } from './server-error';
import type { StartupParameters } from './startup-client';
import { encryptionAttempts } from './tls';

/** pg_hba.conf refuses: another kind of encryption may have a rule of its own. */
const invalidAuthorization = '28000';

/** Goes through the ways to encrypt that the mode allows. Rejects with a DatabaseError. */
export async function connectInAnyWay(
  at: ResolvedConnection,
  parameters: StartupParameters,
  signal: AbortSignal,
): Promise<Link> {
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

/**
 * Opens something within the connection's time limit. Rejects with a DatabaseError when it is over, with an AbortError
 * when the caller's signal is aborted.
 */
export async function withinTimeout<T>(
  at: ResolvedConnection,
  signal: AbortSignal,
  open: (attempt: AbortSignal) => Promise<T>,
): Promise<T> {
  if (isAborted(signal)) throw abortError();
  // AbortSignal.any would stay behind at a signal that outlives many attempts.
  const attempt = new AbortController();
  const stop = (): void => attempt.abort();
  const timer = setTimeout(stop, at.connectTimeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await open(attempt.signal);
  } catch (error) {
    if (!attempt.signal.aborted) throw error;
    throw isAborted(signal) ? abortError() : timeoutError(at);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/** A function, for the value changes while a connection is opened. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/**
 * libpq tries the other kind of encryption after any refusal. Here only where it can help, and never once a password was
 * given: it must not be sent again, in clear at that.
 */
function mayTryAnother(failed: AttemptFailed, told: DatabaseError): boolean {
  return (
    failed.progress.reached &&
    !failed.progress.passwordGiven &&
    (codeOf(failed.failure) === invalidAuthorization ||
      ['tls-not-supported', 'tls-failed', 'tls-untrusted', 'tls-hostname'].includes(told.reason))
  );
}
