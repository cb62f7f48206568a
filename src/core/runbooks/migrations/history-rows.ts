import type { HistoryRow } from '../../flyway/history-states';
import { historyTablesStatement } from '../../health/checks/flyway-history';
import { flag, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';
import { quoteQualified } from '../../sql/identifier';

/** A row with what a person wants to know of it. */
export interface DatedRow extends HistoryRow {
  readonly installedOn: string | null;
  readonly installedBy: string | null;
}

/** A history table; `rows` is undefined where this role may not read it. */
export interface FlywayTable {
  readonly schema: string;
  readonly table: string;
  readonly rows: readonly DatedRow[] | undefined;
}

/** Longer histories are read from their end. */
const mostRows = 5000;

/** The rows of a history table, in Flyway's order. */
export function historyRowsStatement(schema: string, table: string): Statement<DatedRow> {
  return {
    name: 'Flyway history',
    text: `
SELECT * FROM (SELECT h.installed_rank::int AS installed_rank, h.version::text AS version, h.description::text AS description,
    h.type::text AS type, h.script::text AS script, h.checksum::int AS checksum, h.success,
    h.installed_on::text AS installed_on, h.installed_by::text AS installed_by
  FROM ${quoteQualified(schema, table)} AS h ORDER BY h.installed_rank DESC LIMIT ${mostRows}) AS latest
ORDER BY installed_rank`,
    row: (raw: RawRow) => ({
      installedRank: number(raw, 'installed_rank'),
      version: textOrNull(raw, 'version'),
      description: text(raw, 'description'),
      type: text(raw, 'type'),
      script: text(raw, 'script'),
      checksum: numberOrNull(raw, 'checksum'),
      success: flag(raw, 'success'),
      installedOn: textOrNull(raw, 'installed_on'),
      installedBy: textOrNull(raw, 'installed_by'),
    }),
  };
}

/** All history tables of the database. */
export async function readHistories(session: Session, signal: AbortSignal): Promise<readonly FlywayTable[]> {
  const tables = await session.read(historyTablesStatement, signal);
  const found: FlywayTable[] = [];
  for (const { schema, table, readable } of tables) {
    const rows = readable ? await session.read(historyRowsStatement(schema, table), signal) : undefined;
    found.push({ schema, table, rows });
  }
  return found;
}
