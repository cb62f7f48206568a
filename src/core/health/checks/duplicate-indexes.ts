import { formatBytes } from '../../format/quantities';
import { quoteIdentifier } from '../../sql/identifier';
import { flag, number, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { onlyPrimary, tiers, type CheckDefinition } from '../check';
import { measured, nothingFound } from '../finding';

/** An index that another one makes superfluous. */
export interface DuplicateIndex {
  readonly schema: string;
  readonly index: string;
  readonly table: string;
  readonly other: string;
  /** The same columns; else they are only the first ones of the other. */
  readonly exact: boolean;
  readonly bytes: number;
}

/**
 * Duplicates: same table, method, keys, operator classes, collations, options, expressions and predicate. Redundant: the
 * keys are the first of another b-tree's. A unique one, or one behind a constraint, is never the superfluous one. 12 to 18.
 */
export const duplicateIndexesStatement: Statement<DuplicateIndex> = {
  name: 'duplicate indexes',
  text: `
WITH x AS MATERIALIZED (SELECT i.indexrelid, i.indrelid, c.relname, n.nspname, t.relname AS table_name, c.relam, c.relpages,
    a.amname, i.indisunique, i.indisprimary OR i.indisexclusion OR i.indisreplident
      OR EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid) AS needed,
    i.indnkeyatts, i.indnatts, i.indkey::text || ' ' AS keys, i.indclass::text || ' ' AS classes,
    i.indcollation::text || ' ' AS collations, i.indoption::text || ' ' AS options,
    coalesce(pg_catalog.pg_get_expr(i.indexprs, i.indrelid), '') AS expressions,
    coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '') AS predicate
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid AND c.relkind = 'i' AND NOT c.relispartition
  JOIN pg_catalog.pg_am AS a ON a.oid = c.relam
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE i.indisvalid AND n.nspname !~ '^(pg_catalog|information_schema|pg_toast|pg_temp_)')
SELECT DISTINCT ON (d.indexrelid) d.nspname::text AS schema_name, d.relname::text AS index_name, d.table_name::text AS table_name,
  k.nspname || '.' || k.relname AS other, d.keys = k.keys AS exact, d.relpages::float8 * current_setting('block_size')::float8 AS bytes
FROM x AS d JOIN x AS k ON k.indrelid = d.indrelid AND k.indexrelid <> d.indexrelid AND k.relam = d.relam
  AND k.predicate = d.predicate AND NOT d.indisunique AND NOT d.needed
WHERE (k.keys = d.keys AND k.indnkeyatts = d.indnkeyatts AND k.classes = d.classes AND k.collations = d.collations
    AND k.options = d.options AND k.expressions = d.expressions
    AND (k.indisunique OR k.needed OR k.indexrelid < d.indexrelid))
  OR (d.amname = 'btree' AND d.indnkeyatts = d.indnatts AND d.expressions = '' AND k.expressions = ''
    AND k.indnkeyatts > d.indnkeyatts AND left(k.keys, length(d.keys)) = d.keys
    AND left(k.classes, length(d.classes)) = d.classes AND left(k.collations, length(d.collations)) = d.collations
    AND left(k.options, length(d.options)) = d.options)
ORDER BY d.indexrelid, d.keys = k.keys DESC, k.indexrelid LIMIT 50`,
  row: (raw: RawRow) => ({
    schema: text(raw, 'schema_name'),
    index: text(raw, 'index_name'),
    table: text(raw, 'table_name'),
    other: text(raw, 'other'),
    exact: flag(raw, 'exact'),
    bytes: number(raw, 'bytes'),
  }),
};

export const duplicateIndexes: CheckDefinition<DuplicateIndex> = {
  id: 'duplicate-indexes',
  group: 'maintenance',
  title: 'Duplicate indexes',
  explanation:
    'An index with the same keys as another, or with its first ones, costs every write and serves no query alone.',
  runbook: 'reindex',
  tierMs: tiers.quarter,
  absent: onlyPrimary,
  read: (query) => query(duplicateIndexesStatement),
  evaluate: ({ now: { rows } }) => {
    const signal = 'duplicate-indexes.bytes';
    if (rows.length === 0) return [nothingFound(signal, 'no duplicate index')];
    return rows.map(({ schema, index, table, other, exact, bytes }) =>
      measured(signal, `${schema}.${index}`, bytes, 'bytes', null, {
        severity: 'hint',
        words: `${schema}.${index} on ${table} ${exact ? 'repeats' : 'is the beginning of'} ${other}`,
        lines: [
          `It takes ${formatBytes(bytes)}.`,
          ...(exact ? [] : ['A small index may still be quicker to scan than the larger one.']),
        ],
        change: `DROP INDEX CONCURRENTLY ${quoteIdentifier(schema)}.${quoteIdentifier(index)};`,
      }),
    );
  },
};
