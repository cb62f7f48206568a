/**
 * A name for a new file: what it is about, the connection and the local time, without a character that a file system
 * could mind. `taken` tells a name that is in use.
 */
export function runbookFileName(id: string, connection: string, at: Date, taken: (name: string) => boolean): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const place = connection
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const stem = [id, place, day, `${two(at.getHours())}${two(at.getMinutes())}`].filter((part) => part !== '').join('-');
  for (let number = 1; ; number++) {
    const name = `${stem}${number === 1 ? '' : `-${number}`}.dbops.md`;
    if (!taken(name)) return name;
  }
}
