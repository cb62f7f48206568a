import { environments, type Environment } from '../core/connection/profile';
import type { AuditEntry } from '../core/history/audit-log';
import type { SqliteStatement } from './sqlite';

type Prepare = (sql: string) => SqliteStatement;

/** So many actions of all connections are kept; the oldest go first. */
const mostActions = 20_000;

/** Adds an entry, or writes the result of one that is there. Throws when the file cannot take it. */
export function recordAction(prepare: Prepare, entry: AuditEntry): void {
  prepare(
    `INSERT INTO audit (id, at, ended, account, connection, name, environment, role, pid, action, statement, outcome, message, taken_for)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, outcome = excluded.outcome, message = excluded.message`,
  ).run(
    entry.id,
    entry.at,
    entry.endedAt,
    entry.osUser,
    entry.connectionId,
    entry.connection,
    entry.environment,
    entry.role,
    entry.backendPid,
    entry.action,
    entry.statement,
    entry.outcome,
    entry.message,
    entry.takenFor,
  );
  if (entry.endedAt === null) return;
  prepare(
    `DELETE FROM audit WHERE rowid IN (SELECT rowid FROM audit ORDER BY at DESC LIMIT -1 OFFSET ${mostActions})`,
  ).run();
}

/** Oldest first. */
export function readActions(prepare: Prepare, connectionId: string, from: number, to: number): readonly AuditEntry[] {
  return prepare(
    'SELECT * FROM audit WHERE (connection = ? OR taken_for = ?) AND at >= ? AND at < ? ORDER BY at, rowid',
  )
    .all(connectionId, connectionId, from, to)
    .map((row) => ({
      id: String(row['id']),
      at: Number(row['at']),
      endedAt: row['ended'] === null ? null : Number(row['ended']),
      osUser: String(row['account']),
      connectionId: String(row['connection']),
      takenFor: String(row['taken_for']) || String(row['connection']),
      connection: String(row['name']),
      environment: environmentOf(row['environment']),
      role: String(row['role']),
      backendPid: Number(row['pid']),
      action: String(row['action']),
      statement: String(row['statement']),
      outcome: String(row['outcome']),
      message: String(row['message']),
    }));
}

/** What cannot be read is taken for the one where most is asked. */
function environmentOf(value: unknown): Environment {
  return environments.find((environment) => environment === value) ?? 'production';
}
