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
 * Lays the columns out as a row does. Fixed columns without NULLs are exact; behind one whose width varies the place of
 * the next is any, so that its padding is half of what it can be at most.
 */
export function rowWidth(columns: readonly StoredColumn[]): RowWidth {
  let bytes = 0;
  let padding = 0;
  let certain = true;
  let guessed = false;
  for (const column of columns) {
    const width = column.length > 0 ? column.length : (column.width ?? 0);
    const isShort = column.length < 0 && width < shortVarlena;
    const alignment = isShort ? 1 : column.alignment;
    const there = 1 - column.nulls;
    const gap = certain ? (alignment - (bytes % alignment)) % alignment : (alignment - 1) / 2;
    guessed ||= !certain && alignment > 1 && there > 0;
    padding += gap * there;
    bytes += (gap + width) * there;
    certain &&= column.length > 0 && column.nulls === 0;
  }
  return { bytes, padding, guessed, fixed: certain };
}

/** Rounds up to a multiple of 8, as the end of a row is (MAXALIGN of every 64-bit build). */
export function maxAlign(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
