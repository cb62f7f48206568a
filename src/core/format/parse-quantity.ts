import type { Unit } from '../health/signal';

const kibi = 1024;
const bytes: Readonly<Record<string, number>> = {
  b: 1,
  kb: kibi,
  mb: kibi ** 2,
  gb: kibi ** 3,
  tb: kibi ** 4,
  pb: kibi ** 5,
};
const seconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 };

/** Units that a text may name, for messages. */
export const unitExamples: Readonly<Record<Unit, string>> = {
  bytes: 'bytes or a text like "200 GB"',
  'bytes/day': 'bytes or a text like "2 GB"',
  s: 'seconds or a text like "5 min"',
  ms: 'milliseconds or a text like "2 s"',
  days: 'a number of days',
  ratio: 'a part like 0.8 or a text like "80 %"',
  transactions: 'a number',
  'calls/s': 'a number',
  count: 'a number',
};

/**
 * A value of a setting in its unit: a number, or a text that names a unit (`200 GB` in powers of 1024 as PostgreSQL
 * counts, `5 min`, `80 %`). Undefined for what is neither, negative or not finite.
 */
export function parseQuantity(value: unknown, unit: Unit): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  const found = typeof value === 'string' ? /^\s*(\d{1,18}(?:\.\d{1,9})?)\s*([a-z%]*)\s*$/i.exec(value) : null;
  if (!found) return undefined;
  const [, digits = '', name = ''] = found;
  const factor = name === '' ? 1 : factorOf(name.toLowerCase().replace(/^([kmgtp])ib$/, '$1b'), unit);
  return factor === undefined ? undefined : Number(digits) * factor;
}

function factorOf(name: string, unit: Unit): number | undefined {
  switch (unit) {
    case 'bytes':
    case 'bytes/day':
      return bytes[name];
    case 's':
      return seconds[name];
    case 'ms':
      return seconds[name] === undefined ? undefined : seconds[name] * 1000;
    case 'ratio':
      return name === '%' ? 0.01 : undefined;
    default:
      return undefined;
  }
}
