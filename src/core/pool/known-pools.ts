import type { ApplicationEndpoint } from './application-endpoint';
import type { ApplicationPool } from './application-pool';
import type { PoolPast } from './pool-evaluation';
import type { SizingTerm } from './sizing';

/** What an application is known by, and what it takes. */
type Application = Pick<ApplicationEndpoint, 'name' | 'instances' | 'behindPooler'>;

/** A pool of an application as it was last read; without `pool` its application could not be read. */
export interface KnownPool {
  readonly application: Application;
  readonly pool: ApplicationPool | undefined;
  readonly past: PoolPast;
}

/** All pools before one server. */
export interface KnownPools {
  readonly pools: readonly KnownPool[];
  /** What the poolers before it may open. */
  readonly poolers: readonly SizingTerm[];
  /** Sessions that belong to none of the pools; null where the pools' own are not all seen. */
  readonly others: number | null;
}

/** The terms of the sizing rule. */
export function termsOf({ pools, poolers }: KnownPools): readonly SizingTerm[] {
  const own = pools.map(({ application: { name, instances, behindPooler }, pool }): SizingTerm =>
    pool
      ? { name: `${name} ${pool.name}`, max: pool.max, instances, behindPooler }
      : { name, max: null, instances, behindPooler },
  );
  return [...own, ...poolers];
}
