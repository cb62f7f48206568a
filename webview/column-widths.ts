import type { Section } from '../src/core/reports/document';

/** In widths of a digit. */
const widest = 36;
const widestWide = 64;

/** The width of each column, in widths of a digit: of all rows, so that scrolling moves nothing. */
export function columnWidths(section: Section): readonly number[] {
  return section.columns.map((column, at) => {
    const longest = section.rows.reduce((most, row) => Math.max(most, row.cells[at]?.text.length ?? 0), 0);
    // Room for the mark of the order beside the title, and for the padding.
    const needed = Math.max(column.title.length + 4, longest + 3);
    return Math.min(column.wide ? widestWide : widest, needed);
  });
}
