import { crc32Table } from './crc32-table';

/**
 * Flyway's checksum of a script: CRC32 as a signed 32-bit number over the UTF-8 bytes of the lines without their ends
 * (`\n`, `\r`, `\r\n` and no others), one byte order mark taken from the first line. `text` is decoded already.
 */
export function checksum(text: string): number {
  const encoder = new TextEncoder();
  let crc = 0xffffffff;
  const withoutMark = text.startsWith('\ufeff') ? text.slice(1) : text;
  for (const byte of encoder.encode(withoutMark.replace(/[\r\n]/g, ''))) {
    crc = (crc >>> 8) ^ (crc32Table[(crc ^ byte) & 0xff] ?? 0);
  }
  return (crc ^ 0xffffffff) | 0;
}
