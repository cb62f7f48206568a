import type { Samples } from './check';

/** A counter that only grows, until its statistics are reset or lost. */
export interface Counter {
  /** Whose counter it is, e.g. a database. */
  readonly subject: string;
  readonly value: number;
  /** When its statistics were reset, as the server prints it; null: never, or before the server tells. */
  readonly reset: string | null;
}

export interface Increase {
  readonly by: number;
  /** Between the first and the last sample, in ms. */
  readonly overMs: number;
}

/**
 * How much counters have grown over the samples. After a reset, and after a crash that lost them (the counter falls while
 * the time of the reset stays), what stands in the counter has been counted since, and so it is what was added.
 * @returns one entry for each subject that is in the newest sample and in one before; a first sight shows no growth
 */
export function increases<Row>(
  samples: Samples<Row>,
  counterOf: (row: Row) => Counter | null,
): ReadonlyMap<string, Increase> {
  const result = new Map<string, Increase>();
  const last = new Map<string, Counter>();
  const since = new Map<string, number>();
  for (const { at, rows } of [...samples.earlier, samples.now]) {
    const present = new Set<string>();
    for (const counter of rows.map(counterOf).filter((known) => known !== null)) {
      const { subject, value, reset } = counter;
      present.add(subject);
      const before = last.get(subject);
      last.set(subject, counter);
      const first = since.get(subject) ?? at;
      since.set(subject, first);
      if (!before) continue;
      const anew = value < before.value || reset !== before.reset;
      const by = (result.get(subject)?.by ?? 0) + (anew ? value : value - before.value);
      result.set(subject, { by, overMs: at - first });
    }
    for (const gone of [...last.keys()].filter((subject) => !present.has(subject))) {
      last.delete(gone);
      since.delete(gone);
      result.delete(gone);
    }
  }
  return result;
}
