import { number, numberOrNull, text, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';
import type { DatabaseFacts } from './script-context';

/** One table as a database has it. Unknown is null: it was never counted, or it was locked. */
export interface TableFact {
  readonly schema: string;
  readonly name: string;
  readonly rows: number | null;
  /** Heap, TOAST and indexes. */
  readonly bytes: number | null;
}

interface RawFact extends TableFact {
  readonly oid: number;
  readonly parent: number | null;
}

/** No more tables than this are asked for, the largest first; of the others nothing is known. */
const mostTables = 10_000;
/** Below this, a size is measured: the pages of the last ANALYZE may be those of before a load. In bytes. */
const measuredBelow = 64 * 1024 ** 2;

/**
 * Rows and bytes of all tables. Large ones by the pages that VACUUM and ANALYZE have counted, which takes no lock; small ones
 * by the files, unless ACCESS EXCLUSIVE is held or asked for. 12 to 18.
 */
export const tableFactsStatement: Statement<RawFact> = {
  name: 'tables of the workspace',
  timeoutMs: 4000,
  lockTimeoutMs: 200,
  text: `
WITH locked AS MATERIALIZED (SELECT DISTINCT l.relation FROM pg_catalog.pg_locks AS l
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())),
pages AS MATERIALIZED (SELECT i.indrelid, sum(x.relpages)::float8 AS n FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid GROUP BY i.indrelid),
candidate AS MATERIALIZED (SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.reltuples, c.relpages,
    pg_catalog.pg_stat_get_live_tuples(c.oid)::float8 AS live,
    (c.relpages + coalesce(t.relpages, 0) + coalesce(p.n, 0)) * current_setting('block_size')::float8 AS counted,
    EXISTS (SELECT FROM locked WHERE locked.relation IN (c.oid, c.reltoastrelid)
      OR locked.relation IN (SELECT i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid)) AS is_locked
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_class AS t ON t.oid = c.reltoastrelid LEFT JOIN pages AS p ON p.indrelid = c.oid
  WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname !~ '^(pg_catalog|information_schema|pg_toast|pg_temp_)'
  ORDER BY c.relpages DESC, c.oid LIMIT ${mostTables})
SELECT c.oid::int8 AS oid, c.nspname::text AS schema_name, c.relname::text AS table_name,
  CASE WHEN c.relispartition THEN (SELECT i.inhparent::int8 FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid LIMIT 1) END AS parent,
  CASE WHEN c.relkind = 'p' THEN 0 WHEN c.reltuples < 0 OR (c.reltuples = 0 AND c.relpages = 0) THEN nullif(c.live, 0)
    ELSE greatest(c.reltuples::float8, c.live) END AS row_count,
  CASE WHEN c.relkind = 'p' THEN 0 WHEN c.counted >= ${measuredBelow} THEN c.counted
    WHEN NOT c.is_locked THEN pg_catalog.pg_total_relation_size(c.oid)::float8 END AS bytes
FROM candidate AS c`,
  row: (raw: RawRow) => ({
    oid: number(raw, 'oid'),
    schema: text(raw, 'schema_name'),
    name: text(raw, 'table_name'),
    parent: numberOrNull(raw, 'parent'),
    rows: numberOrNull(raw, 'row_count'),
    bytes: numberOrNull(raw, 'bytes'),
  }),
};

/** The tables, with what their partitions hold added to the partitioned ones; one unknown partition makes the sum unknown. */
export function sumPartitions(raw: readonly RawFact[]): TableFact[] {
  const children = new Map<number, RawFact[]>();
  for (const fact of raw) {
    if (fact.parent === null) continue;
    const others = children.get(fact.parent);
    if (others) others.push(fact);
    else children.set(fact.parent, [fact]);
  }
  const add = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
  const total = (fact: RawFact): { rows: number | null; bytes: number | null } =>
    (children.get(fact.oid) ?? [])
      .map(total)
      .reduce((sum, part) => ({ rows: add(sum.rows, part.rows), bytes: add(sum.bytes, part.bytes) }), {
        // Empty files say that there are no rows, counted or not.
        rows: fact.bytes === 0 ? 0 : fact.rows,
        bytes: fact.bytes,
      });
  return raw.map((fact) => ({ schema: fact.schema, name: fact.name, ...total(fact) }));
}

/** What rules ask; names without a schema lead to `defaultSchema`. */
export function databaseFacts(major: number, tables: readonly TableFact[], defaultSchema: string): DatabaseFacts {
  const sizes = new Map(tables.map((fact) => [`${fact.schema}.${fact.name}`, fact]));
  return {
    major,
    sizeOf: (table) => {
      const found = sizes.get(table.includes('.') ? table : `${defaultSchema}.${table}`);
      return found?.bytes === null || found === undefined ? undefined : { rows: found.rows, bytes: found.bytes };
    },
  };
}
