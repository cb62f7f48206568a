/** One line of the table that `npm run bench` prints. */
export interface Measurement {
  readonly what: string;
  /** undefined: it could not be measured here, for the reason in `note`. */
  readonly value: number | undefined;
  readonly unit: 'ms' | 'KiB' | 'MiB' | 'round trips' | 'ratio';
  readonly budget?: number;
  readonly note?: string;
}

/** The middle of some numbers; of an even count the lower one. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('There is no median of nothing.');
  return middle;
}

/** The table as text, its columns aligned; a budget that is not kept says so in words. */
export function table(measurements: readonly Measurement[]): string {
  const rows = measurements.map(({ what, value, unit, budget, note }) => [
    what,
    value === undefined ? 'not measured' : `${format(value)} ${unit}`,
    budget === undefined ? '' : `${format(budget)} ${unit}`,
    verdict(value, budget),
    note ?? '',
  ]);
  const all = [['What', 'Measured', 'Budget', '', 'How'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function verdict(value: number | undefined, budget: number | undefined): string {
  if (value === undefined || budget === undefined) return '';
  return value <= budget ? 'kept' : 'OVER';
}

function format(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3);
}
