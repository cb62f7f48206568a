import type { Row, Section, SortDirection } from '../src/core/reports/document';

/** What the person chose to see of a table. */
export interface Arrangement {
  readonly filter: string;
  readonly sort: { readonly column: string; readonly direction: SortDirection } | null;
}

/** The rows that hold every word of the filter, in the chosen order. Rows without a value stand last either way. */
export function arrangeRows(section: Section, arrangement: Arrangement): readonly Row[] {
  const words = arrangement.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = words.length === 0 ? section.rows : section.rows.filter((row) => holdsAll(row, words));
  const { sort } = arrangement;
  const column = sort ? section.columns.findIndex(({ id }) => id === sort.column) : -1;
  if (!sort || column < 0) return shown;
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return [...shown].sort((a, b) => {
    const left = a.cells[column]?.value ?? null;
    const right = b.cells[column]?.value ?? null;
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * compare(left, right);
  });
}

const words = new Intl.Collator(undefined, { numeric: true });

function compare(left: number | string, right: number | string): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return words.compare(String(left), String(right));
}

function holdsAll(row: Row, wanted: readonly string[]): boolean {
  const text = row.cells
    .map((cell) => cell.text)
    .join('\n')
    .toLowerCase();
  return wanted.every((word) => text.includes(word));
}
