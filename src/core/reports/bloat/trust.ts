/** How far an estimate can be trusted. `none`: there is no estimate worth a number. */
export type TrustLevel = 'high' | 'low' | 'none';

/** Why an estimate cannot be trusted fully; `words` go to the person. */
export interface Doubt {
  readonly id: DoubtId;
  /** What remains of the trust. */
  readonly leaves: 'low' | 'none';
  readonly words: string;
}

export type DoubtId =
  | 'no-statistics'
  | 'statistics-hidden'
  | 'never-analyzed'
  | 'stale'
  | 'name-columns'
  | 'small'
  | 'padding'
  | 'dead-not-free'
  | 'dead-unknown'
  | 'deduplicated'
  | 'partial'
  | 'denser-than-possible'
  | 'invalid';

/** The least that any doubt leaves. */
export function trustOf(doubts: readonly Doubt[]): TrustLevel {
  if (doubts.some((doubt) => doubt.leaves === 'none')) return 'none';
  return doubts.length > 0 ? 'low' : 'high';
}

/** What an estimate says; percent and bytes of the relation's main file. */
export interface Estimate {
  /** As calculated, below 0 too; null where nothing can be calculated. */
  readonly rawPercent: number | null;
  /** Clamped to 0; null where it is not trusted at all. */
  readonly percent: number | null;
  readonly wastedBytes: number | null;
  readonly doubts: readonly Doubt[];
  readonly trust: TrustLevel;
}

/** Below this the estimate says that the relation is denser than its rows allow: it does not know something. In percent. */
const denser = -10;

/** Judges a calculated size against the real one, both in pages. */
export function judge(
  pages: number,
  expectedPages: number | null,
  pageBytes: number,
  known: readonly Doubt[],
): Estimate {
  const rawPercent = expectedPages === null || pages === 0 ? null : (100 * (pages - expectedPages)) / pages;
  const doubts = [...known];
  if (rawPercent !== null && rawPercent < denser) {
    doubts.push({
      id: 'denser-than-possible',
      leaves: 'none',
      words: `The calculation gives ${rawPercent.toFixed(0)} %, less than nothing, so it does not know how these rows are stored: clamped to 0 and not to be used.`,
    });
  }
  const trust = trustOf(doubts);
  const usable = rawPercent !== null && trust !== 'none';
  return {
    rawPercent,
    percent: usable ? Math.max(0, rawPercent) : null,
    wastedBytes: usable ? Math.max(0, pages - (expectedPages ?? 0)) * pageBytes : null,
    doubts,
    trust,
  };
}
