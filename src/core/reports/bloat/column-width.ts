import { RowShapeError, type RawRow } from '../../ports/row';

/** What the catalogue and ANALYZE know of one stored column. */
export interface StoredColumn {
  /** `attlen`: bytes of a fixed type; -1 varlena, -2 C string. */
  readonly length: number;
  /** Bytes it begins at a multiple of: 1, 2, 4 or 8. */
  readonly alignment: number;
  /** Average bytes of a value that is not NULL; null without statistics. */
  readonly width: number | null;
  /** Share of NULLs, 0 to 1. */
  readonly nulls: number;
  /** The type is `name`: 64 bytes in a table, a shorter C string in an index, and ANALYZE tells only one of them. */
  readonly isName: boolean;
}

const alignments: Readonly<Record<string, number>> = { c: 1, s: 2, i: 4, d: 8 };

/** Columns come as a JSON array of [attlen, attalign, width, nulls, is name], in their order on disk. */
export function readColumns(raw: RawRow, column: string): readonly StoredColumn[] {
  const value = raw[column];
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new RowShapeError(column, 'an array of columns', value);
  return value.map((item: unknown) => {
    if (!Array.isArray(item)) throw new RowShapeError(column, 'an array of columns', item);
    const [length, alignment, width, nulls, isName] = item as unknown[];
    if (typeof length !== 'number' || typeof alignment !== 'string') {
      throw new RowShapeError(column, 'a column of [length, alignment, …]', item);
    }
    return {
      length,
      alignment: alignments[alignment] ?? 8,
      width: typeof width === 'number' ? width : null,
      nulls: typeof nulls === 'number' ? nulls : 0,
      isName: isName === true,
    };
  });
}

/** The average bytes that the columns of a row take, and how much of it is alignment. */
export interface RowWidth {
  /** With alignment between the columns, without the end of the row. */
  readonly bytes: number;
  readonly padding: number;
  /** The padding was guessed: values of no fixed width, or NULLs, stand before aligned ones. */
  readonly guessed: boolean;
  /** Every row is as wide as any other. */
  readonly fixed: boolean;
}

/** Longer values have a header of 4 bytes, aligned; shorter ones one of 1 byte, not aligned. */
const shortVarlena = 127;

/**
 * Lays the columns out as a row does. What is known of a column's place is its remainder by a power of 2: behind fixed
 * columns all of it, behind an optional int4 that of 4, behind a text none. Where that decides the padding it is exact, else
 * the mean of what it can be.
 */
export function rowWidth(columns: readonly StoredColumn[]): RowWidth {
  let bytes = 0;
  let padding = 0;
  let guessed = false;
  let fixed = true;
  let place = 0;
  let modulus = 8;
  for (const column of columns) {
    const there = 1 - column.nulls;
    fixed &&= column.length > 0 && (there === 1 || there === 0);
    if (there === 0) continue;
    const width = column.length > 0 ? column.length : (column.width ?? 0);
    const alignment = column.length < 0 && width < shortVarlena ? 1 : column.alignment;
    const gap = meanGap(place, modulus, alignment);
    guessed ||= modulus < alignment;
    padding += gap * there;
    bytes += (gap + width) * there;
    const after = Math.max(modulus, alignment);
    // Whether it is there or not, these remainders are the same.
    const advance = place % alignment === 0 && alignment <= modulus ? width : Number.NaN;
    place = alignment > modulus ? width : place + gap + width;
    modulus = column.length > 0 ? after : 1;
    while (there < 1 && modulus > 1 && !(advance % modulus === 0)) modulus /= 2;
    place %= modulus;
  }
  return { bytes, padding, guessed, fixed };
}

/** Bytes to the next multiple of `alignment` from a place of which only the remainder by `modulus` is known. */
function meanGap(place: number, modulus: number, alignment: number): number {
  const step = Math.min(modulus, alignment);
  const places = alignment / step;
  let sum = 0;
  for (let at = 0; at < places; at++) sum += (alignment - ((place + at * step) % alignment)) % alignment;
  return sum / places;
}

/** Rounds up to a multiple of 8, as the end of a row is (MAXALIGN of every 64-bit build). */
export function maxAlign(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
