import { quoteQualified } from '../sql/identifier';
import { flag, number, numberOrNull, text, textOrNull, type RawRow } from '../ports/row';
import type { Session, Statement } from '../ports/session';
import type { FlywayConfig } from './flyway-config';
import type { HistoryRow } from './history-states';

/** A row of the history with what a person asks of it. */
export interface InstalledRow extends HistoryRow {
  /** As the table has it: without a time zone. */
  readonly installedOn: string;
  readonly installedBy: string;
  readonly executionMs: number;
}

/** A history table of the database; without `rows` the role may not read it. */
export interface FoundHistory {
  readonly schema: string;
  readonly table: string;
  readonly rows: readonly InstalledRow[] | undefined;
}

/** No history is longer. Of a longer one the end is read, which tells of failures but not what is pending. */
export const mostHistoryRows = 50_000;

/** Flyway's own name and the one before version 5. */
export const usualHistoryTables: readonly string[] = ['flyway_schema_history', 'schema_version'];

/** The tables of these names that have Flyway's columns. 12 to 18. */
export function historyTables(
  names: readonly string[],
): Statement<{ readonly schema: string; readonly table: string; readonly readable: boolean }> {
  return {
    name: 'Flyway history tables',
    timeoutMs: 4000,
    text: `
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name,
  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relname = ANY ($1::text[]) AND c.relkind IN ('r', 'p')
  AND (SELECT count(*) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid
    AND a.attname IN ('installed_rank', 'version', 'script', 'checksum', 'success')) = 5
ORDER BY n.nspname, c.relname LIMIT 50`,
    values: [[...names]],
    row: (raw: RawRow) => ({
      schema: text(raw, 'schema_name'),
      table: text(raw, 'table_name'),
      readable: flag(raw, 'readable'),
    }),
  };
}

/** All rows of a history in Flyway's order. Waits for no lock longer than the session's limit. */
export function historyRows(schema: string, table: string): Statement<InstalledRow> {
  return {
    name: 'Flyway history',
    timeoutMs: 4000,
    text: `
SELECT * FROM (SELECT h.installed_rank, h.version::text, h.description::text, h.type::text, h.script::text, h.checksum, h.success,
    to_char(h.installed_on, 'YYYY-MM-DD HH24:MI') AS installed_on, h.installed_by::text, h.execution_time
  FROM ${quoteQualified(schema, table)} AS h ORDER BY h.installed_rank DESC LIMIT ${mostHistoryRows + 1}) AS latest
ORDER BY installed_rank`,
    row: (raw: RawRow) => ({
      installedRank: number(raw, 'installed_rank'),
      version: textOrNull(raw, 'version'),
      description: text(raw, 'description'),
      type: text(raw, 'type'),
      script: text(raw, 'script'),
      checksum: numberOrNull(raw, 'checksum'),
      success: flag(raw, 'success'),
      installedOn: text(raw, 'installed_on'),
      installedBy: text(raw, 'installed_by'),
      executionMs: number(raw, 'execution_time'),
    }),
  };
}

/** The histories of these names, whatever their schema. Rejects with a DatabaseError. */
export async function readHistories(
  session: Session,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly FoundHistory[]> {
  const histories: FoundHistory[] = [];
  for (const { schema, table, readable } of await session.read(historyTables(names), signal)) {
    const rows = readable ? await session.read(historyRows(schema, table), signal) : undefined;
    histories.push({ schema, table, rows });
  }
  return histories;
}

/** The history of a project in a database, or why there is none to tell of. */
export type HistoryChoice =
  | { readonly kind: 'found'; readonly history: FoundHistory & { readonly rows: readonly InstalledRow[] } }
  /** Flyway has not run there: all is pending. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Flyway keeps its history in the default schema: the configured one, else where the connection's names lead. Our role may
 * lead elsewhere, so that the only one of its name counts then; of several nobody can tell.
 */
export function chooseHistory(
  { table, defaultSchema }: Pick<FlywayConfig, 'table' | 'defaultSchema'>,
  histories: readonly FoundHistory[],
  currentSchema: string | null,
): HistoryChoice {
  const named = histories.filter((one) => one.table === table);
  const own = named.find(({ schema }) => schema === (defaultSchema ?? currentSchema));
  const found = own ?? (defaultSchema === undefined && named.length === 1 ? named[0] : undefined);
  if (!found) {
    if (named.length === 0 || defaultSchema !== undefined) return { kind: 'none' };
    const places = named.map(({ schema }) => schema).join(', ');
    return { kind: 'unknown', why: `there is a ${table} in ${places}; set flyway.defaultSchema to say which` };
  }
  const { rows, schema } = found;
  if (!rows) return { kind: 'unknown', why: `this role may not read ${schema}.${table}` };
  if (rows.length > mostHistoryRows) return { kind: 'unknown', why: `${schema}.${table} is too long to be read` };
  return { kind: 'found', history: { schema, table, rows } };
}
