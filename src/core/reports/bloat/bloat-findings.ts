import { flag, number, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { estimateIndex } from './estimate-index';
import { estimateTable, type TableEstimate } from './estimate-table';
import type { IndexFacts, IndexRow } from './index-rows';
import type { TableFacts, TableRow } from './table-rows';
import type { Estimate } from './trust';

/** What holds for all estimates of one reading. */
export interface BloatBasis {
  readonly pageBytes: number;
  readonly inRecovery: boolean;
  readonly seesAll: boolean;
  readonly versionNum: number;
  /** When the counters of this database were set back; null: never, or a crash did it. */
  readonly countersSince: string | null;
}

export const basisStatement: Statement<BloatBasis> = {
  name: 'basis of bloat',
  text: `
SELECT pg_catalog.current_setting('block_size')::int4 AS page_bytes, pg_catalog.pg_is_in_recovery() AS in_recovery,
  pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS sees_all,
  pg_catalog.current_setting('server_version_num')::int4 AS version_num,
  (SELECT to_char(d.stats_reset, 'YYYY-MM-DD HH24:MI:SS TZ') FROM pg_catalog.pg_stat_database AS d
    WHERE d.datname = current_database()) AS counters_since`,
  row: (raw: RawRow) => ({
    pageBytes: number(raw, 'page_bytes'),
    inRecovery: flag(raw, 'in_recovery'),
    seesAll: flag(raw, 'sees_all'),
    versionNum: number(raw, 'version_num'),
    countersSince: textOrNull(raw, 'counters_since'),
  }),
};

export interface EstimatedTable {
  readonly key: string;
  readonly name: string;
  readonly facts: TableFacts;
  readonly estimate: TableEstimate;
}

export interface EstimatedIndex {
  readonly key: string;
  readonly name: string;
  readonly facts: IndexFacts;
  readonly estimate: Estimate;
}

/** All that one reading found. */
export interface BloatFindings {
  readonly tables: readonly EstimatedTable[];
  readonly indexes: readonly EstimatedIndex[];
  readonly tableCount: number;
  readonly indexCount: number;
  readonly lockedTables: number;
  readonly lockedTableName: string | null;
  readonly lockedIndexes: number;
  readonly pageBytes: number;
  /** The counters of activity are those of the server that writes. */
  readonly countersValid: boolean;
  /** The role sees the transactions of others: who holds VACUUM back is fully known. */
  readonly seesAll: boolean;
  /** Milliseconds since the epoch. */
  readonly readAt: number;
}

/** Turns rows into estimates. */
export function estimateAll(
  tableRows: readonly TableRow[],
  indexRows: readonly IndexRow[],
  basis: BloatBasis,
  readAt: number,
): BloatFindings {
  const { pageBytes } = basis;
  const countersValid = !basis.inRecovery;
  const sum = <Row>(rows: readonly Row[], count: (row: Row) => number): number =>
    rows.reduce((total, row) => total + count(row), 0);
  return {
    tables: tableRows.flatMap(({ table }) =>
      table === null
        ? []
        : {
            key: String(table.oid),
            name: `${table.schema}.${table.name}`,
            facts: table,
            estimate: estimateTable(table, pageBytes, countersValid),
          },
    ),
    indexes: indexRows.flatMap(({ index }) =>
      index === null
        ? []
        : {
            key: String(index.oid),
            name: `${index.schema}.${index.name}`,
            facts: index,
            estimate: estimateIndex(index, pageBytes, countersValid),
          },
    ),
    tableCount: sum(tableRows, (row) => row.total),
    indexCount: sum(indexRows, (row) => row.total),
    lockedTables: sum(tableRows, (row) => row.locked),
    lockedTableName: tableRows.find((row) => row.lockedName !== null)?.lockedName ?? null,
    lockedIndexes: sum(indexRows, (row) => row.locked),
    pageBytes,
    countersValid,
    seesAll: basis.seesAll,
    readAt,
  };
}
