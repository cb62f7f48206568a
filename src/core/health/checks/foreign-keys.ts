import { formatBytes } from '../../format/quantities';
import { quoteIdentifier } from '../../sql/identifier';
import { number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { onlyPrimary, tiers, type CheckDefinition } from '../check';
import { measured, nothingFound } from '../finding';

export interface UnindexedKey {
  readonly schema: string;
  readonly table: string;
  readonly constraint: string;
  readonly columns: readonly string[];
  readonly references: string;
  readonly bytes: number;
}

/**
 * Foreign keys whose columns, in any order, are not the first ones of a valid index without predicate. Partitions have
 * the key of their parent and are left out. 12 to 18.
 */
export const unindexedKeysStatement: Statement<UnindexedKey> = {
  name: 'foreign keys without index',
  text: `
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name, k.conname::text AS constraint_name,
  (SELECT json_agg(a.attname ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY AS u(attnum, place)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.attnum)::text AS columns,
  fn.nspname || '.' || f.relname AS referenced, c.relpages::float8 * current_setting('block_size')::float8 AS bytes
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS f ON f.oid = k.confrelid
JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i
  WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts >= cardinality(k.conkey)
    AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] <@ k.conkey)
ORDER BY c.relpages DESC, c.oid LIMIT 50`,
  row: (raw: RawRow) => ({
    schema: text(raw, 'schema_name'),
    table: text(raw, 'table_name'),
    constraint: text(raw, 'constraint_name'),
    columns: JSON.parse(textOrNull(raw, 'columns') ?? '[]') as readonly string[],
    references: text(raw, 'referenced'),
    bytes: number(raw, 'bytes'),
  }),
};

export const foreignKeys: CheckDefinition<UnindexedKey> = {
  id: 'foreign-keys',
  group: 'maintenance',
  title: 'Foreign keys without index',
  explanation:
    'Each DELETE and key UPDATE of the referenced table reads the whole referencing one, and holds its locks meanwhile.',
  runbook: 'lock-contention',
  tierMs: tiers.quarter,
  absent: onlyPrimary,
  read: (query) => query(unindexedKeysStatement),
  evaluate: ({ now: { rows } }) => {
    const signal = 'foreign-keys.bytes';
    if (rows.length === 0) return [nothingFound(signal, 'every foreign key has an index')];
    return rows.map(({ schema, table, constraint, columns, references, bytes }) => {
      const list = columns.map(quoteIdentifier).join(', ');
      return measured(signal, `${schema}.${table}.${constraint}`, bytes, 'bytes', null, {
        severity: 'hint',
        words: `${schema}.${table} (${columns.join(', ')}) has no index for its key to ${references}`,
        lines: [`Constraint ${constraint}; the table takes ${formatBytes(bytes)}.`],
        change: `CREATE INDEX CONCURRENTLY ON ${quoteIdentifier(schema)}.${quoteIdentifier(table)} (${list});`,
      });
    });
  },
};
