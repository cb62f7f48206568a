import { formatCount } from '../../format/quantities';
import { mostByRule, type SizingTerm } from '../../pool/sizing';
import type { KnownPool } from '../../pool/known-pools';

/** The highest use of a pool that was kept. */
export interface PoolPeak {
  readonly active: number;
  /** Requests that waited at once. */
  readonly pending: number;
  /** How far back the history reaches, in days. */
  readonly days: number;
  /** Hours of these days in which it was watched: nobody knows the rest. */
  readonly hours: number;
}

/** A pool with what is known of its use, and the size that it should have. */
export interface PoolSize {
  readonly application: string;
  readonly pool: string;
  readonly instances: number;
  readonly behindPooler: boolean;
  readonly max: number | null;
  /** Null: nothing was kept. */
  readonly peak: PoolPeak | null;
  /** Null: too little is known to say. */
  readonly advised: number | null;
  readonly why: string;
}

/** Over less time than a fortnight a busy day may not have come yet. In days. */
export const shortestDays = 14;
/** A fortnight that was looked at now and then tells nothing of its peaks. In hours. */
export const fewestHours = 48;
/** Room above the highest use: a pool at its limit lets requests wait. */
const headroom = 1.25;
/** A smaller one cannot serve two requests that need each other. */
const smallest = 2;

export interface SizedPools {
  readonly sizes: readonly PoolSize[];
  /** What all of them may take together at most, by the rule; null where the usable slots are not known. */
  readonly budget: number | null;
  /** What they would take with the advised sizes, where each is known. */
  readonly advisedSum: number | null;
}

/**
 * The size that each pool should have: the highest use with a quarter above it, and all of them together below 80 % of the
 * usable slots with what poolers take. A pool whose use is not known for long enough keeps its size, unless the rule is broken.
 */
export function sizePools(
  pools: readonly KnownPool[],
  poolers: readonly SizingTerm[],
  peakOf: (pool: KnownPool) => PoolPeak | null,
  usable: number | null,
): SizedPools {
  const wanted = pools.map((known): PoolSize => {
    const { application, pool } = known;
    const { name, instances, behindPooler } = application;
    const peak = pool ? peakOf(known) : null;
    const max = pool?.max ?? null;
    return {
      application: name,
      pool: pool?.name ?? '',
      instances,
      behindPooler,
      max,
      peak,
      ...wish(pool !== undefined, max, peak),
    };
  });
  const taken = poolers.reduce((sum, { max, instances }) => sum + (max ?? 0) * instances, 0);
  const budget = usable === null ? null : Math.max(0, mostByRule(usable) - taken);
  const counted = wanted.filter(({ behindPooler }) => !behindPooler);
  const sum = sumOf(counted);
  if (budget === null || sum === null || sum <= budget) return { sizes: wanted, budget, advisedSum: sum };
  const sizes = wanted.map((size): PoolSize => {
    const base = size.advised ?? size.max;
    if (size.behindPooler || base === null) return size;
    const advised = Math.max(1, Math.floor((base * budget) / sum));
    return { ...size, advised, why: `${size.why}; made smaller, so that all fit into ${budget}` };
  });
  return { sizes, budget, advisedSum: sumOf(sizes.filter(({ behindPooler }) => !behindPooler)) };
}

/** Null where one is not known. */
function sumOf(sizes: readonly PoolSize[]): number | null {
  return sizes.reduce<number | null>((sum, { advised, max, instances }) => {
    const each = advised ?? max;
    return sum === null || each === null ? null : sum + each * instances;
  }, 0);
}

function wish(read: boolean, max: number | null, peak: PoolPeak | null): Pick<PoolSize, 'advised' | 'why'> {
  if (!read) return { advised: null, why: 'the application could not be read' };
  if (max === null) return { advised: null, why: 'its maximum is not exposed' };
  if (peak === null) return { advised: null, why: 'its use was not kept yet' };
  const { active, pending, days, hours } = peak;
  const seen = `at most ${active} of ${max} in use in ${formatCount(hours, 'hour')} watched within ${daysText(days)}`;
  if (pending > 0 && active >= max)
    return {
      advised: Math.ceil(max * headroom),
      why: `${seen}, and ${pending} waited: larger, if it was load and no leak, slow query or lock`,
    };
  if (days < shortestDays || hours < fewestHours)
    return {
      advised: null,
      why: `${seen}: too little to make it smaller, ${fewestHours} hours over ${shortestDays} days are needed`,
    };
  const fits = Math.max(smallest, Math.ceil(active * headroom));
  return fits < max ? { advised: fits, why: `${seen}: smaller` } : { advised: max, why: `${seen}: as it is` };
}

/** How far back something reaches. */
export function daysText(days: number): string {
  return days < 1 ? 'less than a day' : formatCount(days, 'day');
}
