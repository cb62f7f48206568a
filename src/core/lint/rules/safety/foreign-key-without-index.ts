import type { TableConstraint } from '../../../sql/replay/schema-object';
import type { Schema } from '../../../sql/replay/schema';
import type { Issue } from '../../rule';

/** A foreign key, and the place of the statement that made it. */
export interface AddedForeignKey {
  readonly table: string;
  readonly constraint: string;
  readonly start: number;
  readonly end: number;
}

/**
 * `safety/foreign-key-without-index`, asked when all scripts have run: the index may be made by a later script, as it should
 * when it is made CONCURRENTLY.
 */
export function foreignKeyWithoutIndex(schema: Schema, added: readonly AddedForeignKey[]): Issue[] {
  return added.flatMap(({ table, constraint, start, end }): Issue[] => {
    const relation = schema.relation(table);
    const key = relation?.constraints.find((one) => one.name === constraint);
    if (!relation || !key?.references || relation.type !== 'table') return [];
    const indexed = schema.indexesOf(relation).some(
      (index) =>
        index.predicate === undefined &&
        leads(
          index.parts.map(({ what }) => what),
          key,
        ),
    );
    if (indexed) return [];
    const columns = key.columns.join(', ');
    return [
      {
        start,
        end,
        message: `No index begins with (${columns}): every DELETE in ${key.references.table}, and every change of its key, reads all of ${table} while it holds its locks. Create an index on ${table} (${columns}).`,
      },
    ];
  });
}

/** Whether the first columns of an index are those of the key, in any order. */
function leads(columns: readonly string[], key: TableConstraint): boolean {
  const first = columns.slice(0, key.columns.length);
  return key.columns.every((column) => first.includes(column));
}
