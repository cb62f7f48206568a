/** Converts offsets of one text. Built once for each text that is not plain ASCII; ASCII costs nothing. */
export class OffsetMap {
  private readonly ascii: boolean;

  constructor(private readonly text: string) {
    this.ascii = isAscii(text);
  }

  /** UTF-8 bytes, as in libpg-query's trees, to UTF-16 code units. */
  fromBytes(bytes: number): number {
    return this.ascii
      ? bytes
      : this.walk(bytes, (code) => (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4));
  }

  /** Code points, as in libpg-query's error positions, to UTF-16 code units. */
  fromCodePoints(points: number): number {
    return this.ascii ? points : this.walk(points, () => 1);
  }

  private walk(target: number, width: (code: number) => number): number {
    let passed = 0;
    let at = 0;
    while (at < this.text.length && passed < target) {
      const code = this.text.codePointAt(at) ?? 0;
      passed += width(code);
      at += code > 0xffff ? 2 : 1;
    }
    return at;
  }
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
