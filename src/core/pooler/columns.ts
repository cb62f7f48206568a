import { numberOrNull, textOrNull, type RawRow } from '../ports/row';

/**
 * Columns of PgBouncer's console by name: 1.16 to 1.24 add, rename and move them. A column that this version does not
 * have is null, as is one that holds something else than it should: the console has no types to rely on.
 */
export function columnNumber(row: RawRow, ...names: readonly string[]): number | null {
  for (const name of names) {
    if (row[name] === undefined || row[name] === null || row[name] === '') continue;
    try {
      const value = numberOrNull(row, name);
      return value !== null && Number.isFinite(value) && value >= 0 ? value : null;
    } catch {
      return null;
    }
  }
  return null;
}

export function columnText(row: RawRow, name: string): string | null {
  const value = row[name];
  return typeof value === 'string' && value !== '' ? textOrNull(row, name) : null;
}

/** `0` and `1`, or a word. */
export function columnFlag(row: RawRow, name: string): boolean | null {
  const value = row[name];
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 't' || value === 'yes') return true;
  return value === 0 || value === '0' || value === 'f' || value === 'no' ? false : null;
}

/** Seconds and their microseconds, which stand in two columns. */
export function columnSeconds(row: RawRow, seconds: string, microseconds: string): number | null {
  const whole = columnNumber(row, seconds);
  return whole === null ? null : whole + (columnNumber(row, microseconds) ?? 0) / 1e6;
}
