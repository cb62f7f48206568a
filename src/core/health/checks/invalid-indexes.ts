import { quoteIdentifier } from '../../sql/identifier';
import { number, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { onlyPrimary, tiers, type CheckDefinition } from '../check';
import { nothingFound, stated } from '../finding';

export interface InvalidIndex {
  readonly oid: number;
  readonly schema: string;
  readonly index: string;
  readonly table: string;
}

/**
 * Those of a table on which an index is being built now are left out: REINDEX names one of its indexes only, and a role
 * without privilege is not told which table it is. So are partitioned ones, which wait for their partitions. 12 to 18.
 */
export const invalidIndexesStatement: Statement<InvalidIndex> = {
  name: 'invalid indexes',
  text: `
SELECT i.indexrelid::bigint::float8 AS oid, n.nspname::text AS schema_name, c.relname::text AS index_name, t.relname::text AS table_name
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid AND c.relkind = 'i'
JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p
    WHERE p.datname = current_database() AND (p.relid IS NULL OR p.relid = i.indrelid))
ORDER BY n.nspname, c.relname LIMIT 50`,
  row: (raw: RawRow) => ({
    oid: number(raw, 'oid'),
    schema: text(raw, 'schema_name'),
    index: text(raw, 'index_name'),
    table: text(raw, 'table_name'),
  }),
};

export const invalidIndexes: CheckDefinition<InvalidIndex> = {
  id: 'invalid-indexes',
  group: 'maintenance',
  title: 'Invalid indexes',
  explanation:
    'CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY failed and left an index behind that every write maintains and no query uses.',
  runbook: 'reindex',
  tierMs: tiers.quarter,
  absent: onlyPrimary,
  read: (query) => query(invalidIndexesStatement),
  evaluate: ({ now: { rows } }) => {
    if (rows.length === 0) return [nothingFound('invalid-indexes.index', 'no invalid index')];
    return rows.map(({ schema, index, table }) => {
      const name = `${quoteIdentifier(schema)}.${quoteIdentifier(index)}`;
      const leftover = /_ccnew\d*$/.test(index)
        ? 'It is the unfinished copy of a failed REINDEX CONCURRENTLY: drop it.'
        : /_ccold\d*$/.test(index)
          ? 'It is the old index that a REINDEX CONCURRENTLY could not drop any more: drop it.'
          : 'Find out why it failed (a duplicate key, a deadlock), then drop it and build it again.';
      return stated('invalid-indexes.index', `${schema}.${index}`, 'warning', {
        words: `invalid index ${schema}.${index} on ${table}`,
        lines: [leftover],
        change: `DROP INDEX CONCURRENTLY ${name};`,
      });
    });
  },
};
