import { historyRows, historyTables, type FoundHistory } from '../flyway/read-history';
import { DatabaseError } from '../ports/database-error';
import { textOrNull } from '../ports/row';
import type { Session, Statement } from '../ports/session';
import { sumPartitions, tableFactsStatement, type TableFact } from './table-facts';

const currentSchema: Statement<string | null> = {
  name: 'current schema',
  text: 'SELECT current_schema()::text AS schema_name',
  row: (raw) => textOrNull(raw, 'schema_name'),
};

export interface ReadHistories {
  readonly currentSchema: string | null;
  readonly histories: readonly FoundHistory[];
}

/** Flyway's histories of these names. Rejects with a DatabaseError. */
export async function readHistories(
  session: Session,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<ReadHistories> {
  const [schema = null] = await session.read(currentSchema, signal);
  const histories: FoundHistory[] = [];
  for (const { schema: own, table, readable } of await session.read(historyTables(tables), signal)) {
    const rows = readable ? await session.read(historyRows(own, table), signal) : undefined;
    histories.push({ schema: own, table, rows });
  }
  return { currentSchema: schema, histories };
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
