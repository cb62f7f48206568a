/** A version that Flyway knows by name. They sort outside of all numbers. */
export type PredefinedVersion = 'current' | 'next' | 'latest';

/** A version as Flyway compares it. `text` is what it prints; the parts of a predefined one are empty. */
export interface MigrationVersion {
  readonly text: string;
  readonly parts: readonly bigint[];
  readonly predefined?: PredefinedVersion;
}

/** Java's Long.MAX_VALUE, under which Flyway knows "latest" too. */
const latestNumber = '9223372036854775807';

/**
 * Reads a version as Flyway does: `_` counts as `.`, a dot separates where a digit follows it, the parts are integers of
 * any size with an optional sign, zeros at the end do not count. Undefined when Flyway would not take it.
 */
export function parseVersion(text: string): MigrationVersion | undefined {
  const lower = text.toLowerCase();
  if (lower === 'current' || lower === 'next') return { text: `<<predefined ${lower}>>`, parts: [], predefined: lower };
  if (lower === 'latest' || text === latestNumber)
    return { text: '<<predefined latest>>', parts: [], predefined: 'latest' };
  const normalized = text.replaceAll('_', '.');
  const parts: bigint[] = [];
  for (const part of normalized.split(/\.(?=\d)/)) {
    const value = javaInteger(part);
    if (value === undefined) return undefined;
    parts.push(value);
  }
  while (parts.length > 1 && parts.at(-1) === 0n) parts.pop();
  return { text: normalized, parts };
}

/** Negative, 0 or positive as `a` comes before, with or after `b`; missing parts count as 0. */
export function compareVersions(a: MigrationVersion, b: MigrationVersion): number {
  const rank = (version: MigrationVersion): number =>
    version.predefined === undefined
      ? 0
      : version.predefined === 'latest'
        ? 1
        : version.predefined === 'current'
          ? -1
          : -2;
  if (rank(a) !== rank(b)) return Math.sign(rank(a) - rank(b));
  for (let index = 0; index < Math.max(a.parts.length, b.parts.length); index++) {
    const left = a.parts[index] ?? 0n;
    const right = b.parts[index] ?? 0n;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** Equal versions have the same key: for maps. */
export function versionKey(version: MigrationVersion): string {
  return version.predefined ?? version.parts.join('.');
}

/** What `new BigInteger(text)` takes: an optional sign and decimal digits of any script that fit one Java char. */
function javaInteger(text: string): bigint | undefined {
  const match = /^([+-]?)(\p{Nd}+)$/u.exec(text);
  if (!match || /[^\0-\uffff]/u.test(text)) return undefined;
  const digits = Array.from(match[2] ?? '', digitValue).join('');
  const value = BigInt(digits);
  return match[1] === '-' ? -value : value;
}

/** The value of a decimal digit: Unicode keeps the ten of each script in a row that begins at their zero. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  if (code < 0x80) return code - 0x30;
  let zero = code;
  while (zero > code - 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero--;
  return code - zero;
}
