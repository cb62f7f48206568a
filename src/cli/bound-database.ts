import { formatTarget } from '../core/connection/display';
import { parseConnectionString } from '../core/connection/connection-string';
import { usualHistoryTables } from '../core/flyway/read-history';
import { BoundProjects } from '../core/lint/bound-projects';
import { readDatabaseHistories, readTables } from '../core/lint/read-database';
import { DatabaseError } from '../core/ports/database-error';
import { UsageError } from './usage';

/** For everything that is read, opening the session included. In ms. */
const limitMs = 30_000;

/**
 * Reads once what a database tells of migrations: its version, the histories under these names and Flyway's own, rows and
 * sizes. The session only reads. Throws a UsageError where that is not possible; its message holds no password.
 */
export async function readBoundDatabase(connection: string, tables: readonly string[]): Promise<BoundProjects> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    const { target, password } = parseConnectionString(connection);
    const [{ PostgresOpener }, { localSystem }] = await Promise.all([
      import('../postgres/postgres-opener'),
      import('../postgres/local-system'),
    ]);
    const opener = new PostgresOpener({ password: () => Promise.resolve(password) }, localSystem());
    const name = formatTarget(target);
    const session = await opener.open({ id: 'cli', name, environment: 'production', readOnly: true, target }, signal);
    try {
      const names = [...new Set([...usualHistoryTables, ...tables])];
      const { histories, currentSchema } = await readDatabaseHistories(session, names, signal);
      const facts = await readTables(session, signal);
      const { major } = session.capabilities;
      return new BoundProjects({ name, major, currentSchema, tables: facts, histories });
    } finally {
      await session.close();
    }
  } catch (error) {
    if (signal.aborted) throw new UsageError(`--database: it gave no answer within ${limitMs / 1000} s.`);
    if (!(error instanceof DatabaseError)) throw error;
    // Other ways out name commands of the editor.
    const remedy = error.reason === 'password-missing' ? 'Set PGPASSWORD, or add a line to ~/.pgpass.' : error.remedy;
    const way = remedy === undefined || remedy.includes('Edit Connection') ? '' : ` ${remedy}`;
    throw new UsageError(`--database: ${error.message}${way}`);
  }
}
