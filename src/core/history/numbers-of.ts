import type { NumericSignal, SignalOutcome } from '../health/signal';

/** Checks whose subjects come and go (a session, a query): only the highest of each signal is kept. */
const passing: ReadonlySet<string> = new Set([
  'long-queries',
  'long-transactions',
  'leaks',
  'horizon',
  'vacuum-progress',
  'prepared-transactions',
  'statements',
]);

/** The numbers of a check that history keeps; none when it could not be read. */
export function numbersOf({ about, problem, findings }: SignalOutcome): readonly NumericSignal[] {
  if (problem !== null) return [];
  if (!passing.has(about.id)) return findings;
  const highest = new Map<string, NumericSignal>();
  for (const { signal, value, unit } of findings) {
    if (value === null || value <= (highest.get(signal)?.value ?? -Infinity)) continue;
    highest.set(signal, { signal, subject: '', value, unit });
  }
  return [...highest.values()];
}
