import type { Connections } from '../../ports/connections';
import { DatabaseError, isAbort, type DatabaseErrorReason } from '../../ports/database-error';
import { flag, number, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';

/** The way from this machine to a session, in its order. */
export const stages = ['name', 'port', 'tls', 'authentication', 'session'] as const;
export type Stage = (typeof stages)[number];

/** What a server that answers says of itself. */
export interface ServerSelf {
  readonly inRecovery: boolean;
  readonly readOnly: boolean;
  readonly startedAt: string;
  readonly upS: number;
  readonly used: number;
  readonly usable: number;
}

/** How far a new login came. */
export type Reach =
  | { readonly kind: 'reached'; readonly self: ServerSelf }
  | {
      readonly kind: 'stopped';
      readonly at: Stage;
      readonly reason: DatabaseErrorReason | 'unknown';
      readonly message: string;
      readonly remedy: string | undefined;
    };

const stageOf: Partial<Readonly<Record<DatabaseErrorReason, Stage>>> = {
  'bad-connection-string': 'name',
  'unknown-service': 'name',
  'unknown-host': 'name',
  'connection-refused': 'port',
  network: 'port',
  timeout: 'port',
  'tls-not-supported': 'tls',
  'tls-untrusted': 'tls',
  'tls-hostname': 'tls',
  'tls-failed': 'tls',
  'no-pg-hba-entry': 'authentication',
  'password-missing': 'authentication',
  'password-wrong': 'authentication',
  'role-missing': 'authentication',
};

export const selfStatement: Statement<ServerSelf> = {
  name: 'state of the server',
  text: `
SELECT pg_catalog.pg_is_in_recovery() AS in_recovery, pg_catalog.pg_postmaster_start_time()::text AS started_at,
  (SELECT c.reset_val = 'on' AND c.source IN ('configuration file', 'command line') FROM pg_catalog.pg_settings AS c
    WHERE c.name = 'default_transaction_read_only') IS TRUE AS read_only,
  extract(epoch FROM clock_timestamp() - pg_catalog.pg_postmaster_start_time())::float8 AS up_s,
  (SELECT sum(d.numbackends) FROM pg_catalog.pg_stat_database AS d)::int AS used,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true), '0')::int AS usable`,
  row: (raw: RawRow) => ({
    inRecovery: flag(raw, 'in_recovery'),
    readOnly: flag(raw, 'read_only'),
    startedAt: text(raw, 'started_at'),
    upS: number(raw, 'up_s'),
    used: number(raw, 'used'),
    usable: number(raw, 'usable'),
  }),
};

/** A login takes no longer than this, in ms. */
const patienceMs = 10_000;

/** Logs in anew, as an application would: a session that was there before proves nothing. Rejects only when aborted. */
export async function reach(connections: Connections, id: string, signal: AbortSignal): Promise<Reach> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  try {
    const session = await connections.dedicated(id, patience);
    try {
      const [self] = await session.read(selfStatement, patience);
      if (!self) throw new Error('The server told nothing of itself.');
      return { kind: 'reached', self };
    } finally {
      await session.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DatabaseError) {
      const { reason, message, remedy } = error;
      return { kind: 'stopped', at: stageOf[reason] ?? 'session', reason, message, remedy };
    }
    const message = isAbort(error) ? `There was no answer within ${patienceMs / 1000} s.` : String(error);
    return { kind: 'stopped', at: 'port', reason: isAbort(error) ? 'timeout' : 'unknown', message, remedy: undefined };
  }
}
