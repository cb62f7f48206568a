/** The table of CRC-32 (ISO 3309, reflected polynomial EDB88320), as in zlib. Node's own crc32 is newer than our oldest editor. */
export const crc32Table: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});
