/** A row as the driver gives it; the readers below are the only way from it to a typed value. */
export type RawRow = Readonly<Record<string, unknown>>;

/** A column did not hold what the statement promises: a defect of ours or a server that behaves unexpectedly. */
export class RowShapeError extends Error {
  readonly reason = 'row-shape';
  constructor(column: string, expected: string, found: unknown) {
    super(`Column "${column}" should be ${expected} but is ${found === null ? 'NULL' : typeof found}.`);
  }
}

/** A number or null. int8 and numeric arrive as text; values beyond 2^53 lose their last digits. NULL stays null. */
export function numberOrNull(row: RawRow, column: string): number | null {
  const value = row[column];
  if (value === null || value === undefined) return null;
  const result = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : NaN;
  if (Number.isNaN(result)) throw new RowShapeError(column, 'a number', value);
  return result;
}

export function number(row: RawRow, column: string): number {
  const value = numberOrNull(row, column);
  if (value === null) throw new RowShapeError(column, 'a number', null);
  return value;
}

export function textOrNull(row: RawRow, column: string): string | null {
  const value = row[column];
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') throw new RowShapeError(column, 'text', value);
  return value;
}

export function text(row: RawRow, column: string): string {
  const value = textOrNull(row, column);
  if (value === null) throw new RowShapeError(column, 'text', null);
  return value;
}

export function flagOrNull(row: RawRow, column: string): boolean | null {
  const value = row[column];
  if (value === null || value === undefined) return null;
  if (typeof value !== 'boolean') throw new RowShapeError(column, 'a boolean', value);
  return value;
}

export function flag(row: RawRow, column: string): boolean {
  const value = flagOrNull(row, column);
  if (value === null) throw new RowShapeError(column, 'a boolean', null);
  return value;
}

/** An array of numbers (int4[]); NULL is an empty one only where the statement says so with coalesce. */
export function numbers(row: RawRow, column: string): readonly number[] {
  const value = row[column];
  if (!Array.isArray(value)) throw new RowShapeError(column, 'an array of numbers', value);
  return value.map((item: unknown) => {
    const result = typeof item === 'string' ? Number(item) : item;
    if (typeof result !== 'number' || Number.isNaN(result))
      throw new RowShapeError(column, 'an array of numbers', item);
    return result;
  });
}
