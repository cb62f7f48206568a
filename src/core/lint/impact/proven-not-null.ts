import type { Schema } from '../../sql/replay/schema';

/** Whether a validated check, or the column itself, says already that no value is NULL: then the rows are not read. */
export function isProven(schema: Schema, key: string, column: string): boolean {
  const table = schema.relation(key);
  return (
    table?.columns.get(column)?.notNull === true ||
    table?.constraints.some((one) => one.valid && one.provesNotNull.includes(column)) === true
  );
}
