import { DatabaseError, type DatabaseErrorReason } from '../core/ports/database-error';

/** A failure as `pg` and Node report it: a SQLSTATE of five characters or a system code. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The server's function that raised the error: tells apart what shares a SQLSTATE, and is never translated. */
export function routineOf(error: unknown): string | undefined {
  return error instanceof Error && 'routine' in error && typeof error.routine === 'string' ? error.routine : undefined;
}

/** EPIPE and EPERM have five letters too; no SQLSTATE begins with E. */
export function isSqlState(code: string | undefined): code is string {
  return code !== undefined && /^(?!E)[0-9A-Z]{5}$/.test(code);
}

export function connectionLost(place: string, code?: string): DatabaseError {
  return new DatabaseError(
    'connection-lost',
    `The connection to ${place} was lost.`,
    'It is opened again by itself.',
    code,
  );
}

const statementReasons: Readonly<Record<string, [DatabaseErrorReason, string]>> = {
  '42501': ['permission-denied', 'Ask for the privilege, or connect with a role that has it (pg_monitor for reading).'],
  '55P03': ['lock-timeout', 'A lock is held on the object; try again when it is free.'],
  '42P01': ['undefined-object', 'The table or view is missing on this server or in this version.'],
  '3F000': ['undefined-object', 'The schema is missing in this database.'],
  '42703': ['undefined-object', 'The column is missing in this version.'],
  '42704': ['undefined-object', 'The object is missing on this server or in this version.'],
  '42883': ['undefined-object', 'The function is missing on this server or in this version.'],
  '25006': ['refused', 'The session is read-only by intention.'],
  '55000': ['refused', 'The server is not in the state that this needs.'],
  '0A000': ['refused', 'The server does not support this.'],
  '40001': ['cancelled-by-server', 'On a standby, replay of the WAL comes first; try again.'],
};

/** What was asked, where, and within which limit (ms); `elapsedMs` is the client's own measure. */
export interface Asked {
  readonly statement: string;
  readonly place: string;
  readonly limitMs: number;
  readonly elapsedMs: number;
}

/** Turns a failed statement into a DatabaseError. Never matches on texts: the server translates them. */
export function statementError(error: unknown, asked: Asked): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const code = codeOf(error);
  if (!isSqlState(code) || code.startsWith('08')) {
    // A pooler's every refusal is 08P01; what it means stands only in its text.
    return code === '08P01'
      ? new DatabaseError(
          'pooler-refused',
          `${asked.place} refused ${asked.statement}: ${textOf(error)}.`,
          undefined,
          code,
        )
      : connectionLost(asked.place, code);
  }
  const fail = (reason: DatabaseErrorReason, message: string, remedy?: string): DatabaseError =>
    new DatabaseError(reason, message, remedy, code, { cause: error });
  const known = statementReasons[code];
  if (known) return fail(known[0], `${asked.statement}: ${sentenceOf(error)}`, known[1]);
  if (code === '57014') {
    // The server uses one code for both; its own limit cannot strike before its time.
    return asked.elapsedMs >= asked.limitMs
      ? fail(
          'statement-timeout',
          `${asked.statement}: the server ended the statement at its limit of ${asked.limitMs} ms.`,
          'The server is busy or the statement is heavy here; try again later.',
        )
      : fail('cancelled-by-server', `${asked.statement}: someone cancelled the statement on the server.`, 'Try again.');
  }
  return fail('statement-failed', `${asked.statement}: ${sentenceOf(error)}`);
}

/** The server ended the session: an administrator, a shutdown, a crash of another backend, an idle limit. */
export function sessionEnd(error: unknown, place: string): DatabaseError {
  const code = codeOf(error);
  if (!isSqlState(code)) return connectionLost(place, code);
  return new DatabaseError(
    'shutting-down',
    `${place} ended the session: ${textOf(error)}.`,
    'An administrator did, or the server stops. It is opened again by itself.',
    code,
    { cause: error },
  );
}

/** The server says that it ends the session with this error. */
export function endsWithSession(error: unknown): boolean {
  return /^(57P0[1-5]|25P0[34])$/.test(codeOf(error) ?? '');
}

/** The server ends its messages without a full stop, and sentences of ours follow. */
function sentenceOf(error: unknown): string {
  return textOf(error).replace(/(?<![.!?:…])$/, '.');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
