/** The part of a long list that is drawn: `from` included, `to` not. */
export interface RowWindow {
  readonly from: number;
  readonly to: number;
}

/** Rows drawn beyond either edge, so that a turn of the wheel shows no gap. */
const margin = 20;

/** Which of `count` rows of equal height are drawn in a viewport. All lengths in CSS pixels. */
export function rowWindow(count: number, rowHeight: number, scrollTop: number, viewport: number): RowWindow {
  const first = Math.floor(scrollTop / rowHeight) - margin;
  const last = Math.ceil((scrollTop + viewport) / rowHeight) + margin;
  const to = Math.min(count, Math.max(0, last));
  return { from: Math.max(0, Math.min(first, to)), to };
}
