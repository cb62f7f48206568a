/**
 * Why a connection or a statement failed, in the terms a person acts on. `undefined-object` is a missing table,
 * column or function: a version or extension difference. `refused` is a server that says no (read-only etc.).
 */
export type DatabaseErrorReason =
  | 'bad-connection-string'
  | 'unknown-service'
  | 'unknown-host'
  | 'connection-refused'
  | 'network'
  | 'timeout'
  | 'tls-not-supported'
  | 'tls-untrusted'
  | 'tls-hostname'
  | 'tls-failed'
  | 'no-pg-hba-entry'
  | 'password-missing'
  | 'password-wrong'
  | 'role-missing'
  | 'database-missing'
  | 'too-many-connections'
  | 'starting-up'
  | 'shutting-down'
  | 'pooler-refused'
  | 'connection-lost'
  | 'permission-denied'
  | 'lock-timeout'
  | 'statement-timeout'
  | 'cancelled-by-server'
  | 'undefined-object'
  | 'refused'
  | 'statement-failed';

/** A failure of a database call. `message` says what happened, `remedy` the way out; neither holds a secret. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  constructor(
    readonly reason: DatabaseErrorReason,
    message: string,
    readonly remedy?: string,
    /** The SQLSTATE or the system's error code, where there is one. */
    readonly code?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The session itself is gone, as opposed to one statement that failed. */
export function endsSession(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    ['connection-lost', 'network', 'shutting-down', 'connection-refused', 'starting-up'].includes(error.reason)
  );
}

/** Cancellation is not an error: callers fall silent on it. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
