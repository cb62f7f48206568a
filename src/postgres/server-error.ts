import { DatabaseError, type DatabaseErrorReason } from '../core/ports/database-error';

/** A failure as `pg` and Node report it: a SQLSTATE of five characters or a system code. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const statementReasons: Readonly<Record<string, [DatabaseErrorReason, string]>> = {
  '42501': ['permission-denied', 'Ask for the privilege, or connect with a role that has it (pg_monitor for reading).'],
  '55P03': ['lock-timeout', 'A lock is held on the object; try again when it is free.'],
  '42P01': ['undefined-object', 'The table or view is missing on this server or in this version.'],
  '42703': ['undefined-object', 'The column is missing in this version.'],
  '42883': ['undefined-object', 'The function is missing on this server or in this version.'],
  '25006': ['refused', 'The session is read-only by intention.'],
  '55000': ['refused', 'The server is not in the state that this needs.'],
};

/** Turns a failed statement into a DatabaseError. Never matches on texts: they are translated by the server. */
export function statementError(error: unknown, statement: string, timeoutMs: number): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const known = code === undefined ? undefined : statementReasons[code];
  if (known) return new DatabaseError(known[0], `${statement}: ${text}`, known[1], code, { cause: error });
  if (code === '57014') {
    return new DatabaseError(
      'statement-timeout',
      `${statement}: the server ended the statement (its limit is ${timeoutMs} ms).`,
      'The server is busy or the statement is heavy here; try again later.',
      code,
      { cause: error },
    );
  }
  if (code !== undefined && /^57P0[123]$/.test(code)) {
    return new DatabaseError(
      'shutting-down',
      `${statement}: ${text}`,
      'The server or an administrator ended the session.',
      code,
      { cause: error },
    );
  }
  if (code === undefined || code.startsWith('08') || !/^[0-9A-Z]{5}$/.test(code)) {
    return new DatabaseError(
      'connection-lost',
      `${statement}: the connection was lost.`,
      'It is opened again by itself.',
      code,
      { cause: error },
    );
  }
  return new DatabaseError('statement-failed', `${statement}: ${text}`, undefined, code, { cause: error });
}
