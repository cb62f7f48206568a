import { readHistories, type FoundHistory } from '../flyway/read-history';
import { DatabaseError } from '../ports/database-error';
import { textOrNull } from '../ports/row';
import type { Session, Statement } from '../ports/session';
import { sumPartitions, tableFactsStatement, type TableFact } from './table-facts';

/**
 * Where names without a schema lead for whoever migrates: the database's own search_path, else public. Our session has a
 * search_path of its own, and what a role has set for itself is not that of Flyway's role.
 */
const currentSchema: Statement<string | null> = {
  name: 'default schema of the database',
  text: `
SELECT n.nspname::text AS schema_name
FROM unnest(string_to_array(coalesce((SELECT substr(s.setting, length('search_path=') + 1)
    FROM pg_catalog.pg_db_role_setting AS d CROSS JOIN LATERAL unnest(d.setconfig) AS s (setting)
    WHERE d.setrole = 0 AND s.setting LIKE 'search\\_path=%'
    AND d.setdatabase = (SELECT b.oid FROM pg_catalog.pg_database AS b WHERE b.datname = current_database())), 'public'), ','))
  WITH ORDINALITY AS p (name, at)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = btrim(p.name, ' "') ORDER BY p.at LIMIT 1`,
  row: (raw) => textOrNull(raw, 'schema_name'),
};

export interface DatabaseHistories {
  readonly currentSchema: string | null;
  readonly histories: readonly FoundHistory[];
}

/** Flyway's histories of these names, and where names without a schema lead. Rejects with a DatabaseError. */
export async function readDatabaseHistories(
  session: Session,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<DatabaseHistories> {
  const [schema = null] = await session.read(currentSchema, signal);
  return { currentSchema: schema, histories: await readHistories(session, tables, signal) };
}

/** Rows and sizes of the tables; none where a lock or the time does not allow it: then nothing is said of them. */
export async function readTables(session: Session, signal: AbortSignal): Promise<readonly TableFact[]> {
  try {
    return sumPartitions(await session.read(tableFactsStatement, signal));
  } catch (error) {
    if (
      error instanceof DatabaseError &&
      ['lock-timeout', 'statement-timeout', 'permission-denied'].includes(error.reason)
    )
      return [];
    throw error;
  }
}
