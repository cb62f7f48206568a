/** Lines and columns of a text, both from 1. Lines end where an editor ends them, and it shows no byte order mark. */
export class LineColumns {
  private readonly starts: readonly number[];

  constructor(text: string) {
    const starts = [text.startsWith('\ufeff') ? 1 : 0];
    for (const end of text.matchAll(/\r\n|\r|\n/g)) starts.push(end.index + end[0].length);
    this.starts = starts;
  }

  /** The offset of a place; behind the last line, the end of what is known. */
  offsetAt(line: number, column: number): number {
    return (this.starts[line - 1] ?? this.starts.at(-1) ?? 0) + column - 1;
  }

  /** The place of a UTF-16 offset. */
  at(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.max(0, offset - (this.starts[low] ?? 0)) + 1 };
  }
}
