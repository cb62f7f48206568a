import assert from 'node:assert/strict';
import type { ConnectionTarget } from '../../../src/core/connection/profile';
import { DatabaseError } from '../../../src/core/ports/database-error';
import { number, type RawRow } from '../../../src/core/ports/row';
import type { Session, Statement } from '../../../src/core/ports/session';
import { localSystem } from '../../../src/postgres/local-system';
import { PostgresOpener } from '../../../src/postgres/postgres-opener';
import type { LabServer } from '../../lab/server';

/** A machine without files or variables of the person who runs the tests. */
export const bareSystem = { ...localSystem({}), homeDirectory: '/nonexistent' };

interface Place {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

/** Opens a session to the lab as the product does. `password: null` means that none is stored. */
export function open(
  server: Place,
  extra: ConnectionTarget = {},
  password: string | null = server.password,
  signal: AbortSignal = new AbortController().signal,
): Promise<Session> {
  const opener = new PostgresOpener({ password: () => Promise.resolve(password ?? undefined) }, bareSystem);
  const target = { host: server.host, port: server.port, database: 'postgres', user: 'postgres', ...extra };
  return opener.open({ id: 'x', name: 'x', environment: 'development', readOnly: true, target }, signal);
}

export function statement<Row>(
  sql: string,
  row: (raw: RawRow) => Row,
  extra: Partial<Statement<Row>> = {},
): Statement<Row> {
  return { name: 'test', text: sql, row, ...extra };
}

export const pid = statement('SELECT pg_backend_pid() AS pid', (raw) => number(raw, 'pid'));

export async function failure(promise: Promise<unknown>): Promise<DatabaseError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DatabaseError, `expected a DatabaseError, got ${String(error)}`);
  return error;
}

/** How many sessions of the product the server has now. */
export async function ourSessions(server: LabServer): Promise<number> {
  const rows = await server.run<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'db-ops-panel'",
  );
  return rows[0]!.n;
}
