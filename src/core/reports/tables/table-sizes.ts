import { isAbort, DatabaseError, endsSession } from '../../ports/database-error';
import { flag, number, numberOrNull, type RawRow } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';
import { relationsStatement, resolveTable, type ResolvedTable } from './resolve-tables';
import type { TableName } from './table-name';

/** Heap, TOAST and indexes together; bytes. */
export type TableSizeOf =
  { readonly kind: 'size'; readonly bytes: number } | { readonly kind: 'locked' } | { readonly kind: 'none' };

/** Where the tables of statements stand in this database, and how large they are. */
export interface SizedTables {
  resolve(name: TableName): ResolvedTable;
  /** Undefined: not read. */
  sizeOf(oid: number): TableSizeOf | undefined;
  /** Why sizes are missing; undefined when they are not. */
  readonly problem: string | undefined;
}

interface SizeRow {
  readonly oid: number;
  readonly locked: boolean;
  readonly bytes: number | null;
}

const lockTimeoutMs = 200;

/** By oid, so that no name can break it; leaves out what ACCESS EXCLUSIVE is held on or asked for. Partitions add up. */
function sizesStatement(oids: readonly number[]): Statement<SizeRow> {
  return {
    name: 'sizes of the tables of statements',
    lockTimeoutMs,
    text: `
WITH locked AS MATERIALIZED (SELECT DISTINCT l.relation FROM pg_catalog.pg_locks AS l
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())),
part AS MATERIALIZED (SELECT c.oid AS root, p.oid, EXISTS (SELECT FROM locked WHERE locked.relation IN (p.oid, p.reltoastrelid)
    OR locked.relation IN (SELECT i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid = p.oid)) AS is_locked
  FROM pg_catalog.pg_class AS c
  CROSS JOIN LATERAL (SELECT c.oid AS relid WHERE c.relkind IN ('r', 'm')
    UNION ALL SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) AS t WHERE c.relkind = 'p' AND t.isleaf) AS leaf
  JOIN pg_catalog.pg_class AS p ON p.oid = leaf.relid
  WHERE c.oid = ANY ($1::oid[]) AND p.relkind IN ('r', 'm'))
SELECT part.root::int8 AS oid, bool_or(part.is_locked) AS locked,
  sum(CASE WHEN NOT part.is_locked THEN pg_catalog.pg_total_relation_size(part.oid) END)::float8 AS bytes
FROM part GROUP BY part.root`,
    values: [oids],
    row: (raw: RawRow) => ({ oid: number(raw, 'oid'), locked: flag(raw, 'locked'), bytes: numberOrNull(raw, 'bytes') }),
  };
}

/** Looks names up in the catalogue and reads the sizes of what it finds. A failure leaves sizes out and is told. */
export async function readTableSizes(
  session: Session,
  names: readonly TableName[],
  signal: AbortSignal,
): Promise<SizedTables> {
  const sizes = new Map<number, TableSizeOf>();
  const usable = names.filter(({ schema, name }) => !`${schema ?? ''}${name}`.includes('\0'));
  let problem: string | undefined;
  const relations = usable.length === 0 ? [] : await session.read(relationsStatement(usable), signal);
  const resolved = usable.map((name) => resolveTable(name, relations));
  const oids = [...new Set(resolved.flatMap((table) => (table.kind === 'relation' ? [table.relation.oid] : [])))];
  if (oids.length > 0) {
    try {
      for (const oid of oids) sizes.set(oid, { kind: 'none' });
      for (const row of await session.read(sizesStatement(oids), signal)) {
        if (row.locked) sizes.set(row.oid, { kind: 'locked' });
        else if (row.bytes !== null) sizes.set(row.oid, { kind: 'size', bytes: row.bytes });
      }
    } catch (error) {
      if (isAbort(error) || endsSession(error)) throw error;
      sizes.clear();
      problem =
        error instanceof DatabaseError && error.reason === 'lock-timeout'
          ? 'Sizes skipped: a table was locked exclusively meanwhile.'
          : `Sizes not readable: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return {
    resolve: (name) => resolveTable(name, relations),
    sizeOf: (oid) => sizes.get(oid),
    problem,
  };
}
