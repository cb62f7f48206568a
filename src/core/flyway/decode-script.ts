/** A script's text, and what is wrong with its bytes. */
export interface DecodedScript {
  readonly text: string;
  /**
   * `unknown-encoding`: the configured name means nothing here, and the text was read as UTF-8. `unreadable`: the file is
   * there, and its bytes are not to be had.
   */
  readonly problem: 'malformed' | 'unknown-encoding' | 'unreadable' | undefined;
}

/** Encodings of one byte in which the platform's decoder would read another alphabet than Java does: the highest byte. */
const plainBytes: Readonly<Record<string, number>> = {
  'iso-8859-1': 0xff,
  iso8859_1: 0xff,
  latin1: 0xff,
  'us-ascii': 0x7f,
  ascii: 0x7f,
};

/** Decodes a script as Flyway does, in the encoding that is configured. A byte order mark stays in the text. */
export function decodeScript(bytes: Uint8Array, encoding: string): DecodedScript {
  const name = encoding.trim().toLowerCase();
  const highest = plainBytes[name];
  if (highest !== undefined) {
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte > highest ? 0xfffd : byte)).join('');
    return { text, problem: bytes.some((byte) => byte > highest) ? 'malformed' : undefined };
  }
  const label = labelOf(name, bytes);
  if (!isKnown(label))
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), problem: 'unknown-encoding' };
  try {
    return { text: new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes), problem: undefined };
  } catch {
    return { text: new TextDecoder(label, { ignoreBOM: true }).decode(bytes), problem: 'malformed' };
  }
}

/** Java's names where they differ. Its UTF-16 goes by the byte order mark, and is big endian without one. */
function labelOf(name: string, bytes: Uint8Array): string {
  if (name === 'utf-16' || name === 'utf16') return bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-16be';
  return name.replace(/^cp(?=125\d$)/, 'windows-').replace(/^iso8859_/, 'iso-8859-');
}

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}
