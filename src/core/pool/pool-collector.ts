import {
  numberNames,
  type ApplicationPool,
  type PoolField,
  type PoolReport,
  type PoolRoad,
  type PoolTimer,
} from './application-pool';

/** More pools than this in one answer are not pools of one application. */
const mostPools = 100;

/** Gathers single values into pools, and refuses those that cannot be: NaN, infinite, negative. */
export class PoolCollector {
  private readonly values = new Map<string, Map<PoolField, number>>();
  private readonly names = new Map<string, string>();
  private readonly problems: string[] = [];

  /** `key` tells pools of one name apart; `name` is what a person knows it by. */
  put(key: string, name: string, field: PoolField, value: number): void {
    const pool = this.values.get(key) ?? new Map<PoolField, number>();
    if (!this.values.has(key)) {
      if (this.values.size === mostPools) {
        this.complain(`More than ${mostPools} pools are reported; the others are left out.`);
        return;
      }
      this.values.set(key, pool);
      this.names.set(key, name);
    }
    if (Number.isFinite(value) && value >= 0) pool.set(field, value);
    else this.complain(`${name}: "${field}" is ${value}, which cannot be; it counts as not exposed.`);
  }

  complain(problem: string): void {
    if (!this.problems.includes(problem)) this.problems.push(problem);
  }

  get empty(): boolean {
    return this.values.size === 0;
  }

  report(road: PoolRoad): PoolReport {
    const pools = [...this.values].map(([key, values]) => pool(this.names.get(key) ?? key, values));
    return { road, pools: pools.sort((a, b) => a.name.localeCompare(b.name)), problems: this.problems };
  }
}

function pool(name: string, values: ReadonlyMap<PoolField, number>): ApplicationPool {
  const value = (field: PoolField): number | null => values.get(field) ?? null;
  const timer = (of: 'acquire' | 'usage' | 'creation'): PoolTimer => ({
    count: value(`${of}.count`),
    totalS: value(`${of}.totalS`),
    maxS: value(`${of}.maxS`),
  });
  const numbers = Object.fromEntries(numberNames.map((of) => [of, value(of)])) as Record<
    (typeof numberNames)[number],
    number | null
  >;
  return { name, ...numbers, acquire: timer('acquire'), usage: timer('usage'), creation: timer('creation') };
}
