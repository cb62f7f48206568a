import type { StartupParameters } from './startup-client';

/** The limits of a statement that states none of its own, in ms. */
export const defaultLimits = { statementMs: 5000, lockMs: 500 } as const;

/** How long the server keeps a transaction of ours whose client fell silent, in ms. */
const idleInTransactionMs = 10_000;

/**
 * Nothing of a user's schema can stand in front of the catalog. `pg_temp` is named last, for it comes first when it is
 * not named. Objects of extensions are therefore written with their schema.
 */
const searchPath = 'pg_catalog, pg_temp';

/** What every pooler passes on: the texts of dates and numbers are the same on every server. */
export const commonParameters: StartupParameters = {
  application_name: 'db-ops-panel',
  DateStyle: 'ISO',
  TimeZone: 'UTC',
};

/** Tells others on the server, who find it in pg_stat_activity, what this session is for. */
const longWorkName = 'db-ops-panel long work';

/** PgBouncer's console shows the name to its administrator and knows no dates. */
export const consoleParameters: StartupParameters = { application_name: 'db-ops-panel' };

/** What a direct session starts with, so that its reads need no round trip more. */
export const directParameters: StartupParameters = {
  ...commonParameters,
  statement_timeout: String(defaultLimits.statementMs),
  lock_timeout: String(defaultLimits.lockMs),
  idle_in_transaction_session_timeout: String(idleInTransactionMs),
  default_transaction_read_only: 'on',
  // Compiling a statement on a large catalogue takes longer than running it.
  jit: 'off',
  search_path: searchPath,
};

export type Access = 'READ ONLY' | 'READ WRITE' | '';

/** Opens a transaction with limits that end with it: a session's `SET` would leak through a pooler. */
export function beginWithLimits(access: Access, limits: { statementMs: number; lockMs: number }): string {
  return [
    `BEGIN ${access}`.trimEnd(),
    `SET LOCAL statement_timeout = ${Math.round(limits.statementMs)}`,
    `SET LOCAL lock_timeout = ${Math.round(limits.lockMs)}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${idleInTransactionMs}`,
    `SET LOCAL search_path = ${searchPath}`,
  ].join('; ');
}

/** Limits of a session for a statement that cannot run in a transaction block; the session is closed after it. */
export function sessionLimits(limits: { statementMs: number; lockMs: number }, long: boolean): string {
  return [
    'SET default_transaction_read_only = off',
    `SET statement_timeout = ${Math.round(limits.statementMs)}`,
    `SET lock_timeout = ${Math.round(limits.lockMs)}`,
    ...(long ? [`SET application_name = '${longWorkName}'`] : []),
  ].join('; ');
}
