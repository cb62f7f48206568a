/** A timer of a pool: how often, how long together and the longest lately. Seconds; null where not exposed. */
export interface PoolTimer {
  readonly count: number | null;
  readonly totalS: number | null;
  readonly maxS: number | null;
}

/** One HikariCP pool as its application reports it. Null is "not exposed", never zero. */
export interface ApplicationPool {
  readonly name: string;
  readonly active: number | null;
  readonly idle: number | null;
  /** Threads that wait for a connection. */
  readonly pending: number | null;
  readonly max: number | null;
  readonly min: number | null;
  readonly total: number | null;
  /** Requests that got no connection in time, since the application started. */
  readonly timeouts: number | null;
  /** Getting a connection, keeping it until it is given back, opening a new one. */
  readonly acquire: PoolTimer;
  readonly usage: PoolTimer;
  readonly creation: PoolTimer;
}

/** How the numbers were had. */
export type PoolRoad = 'Prometheus text' | 'Actuator JSON' | 'Dropwizard JSON';

/** All pools of one application instance at one moment. */
export interface PoolReport {
  readonly road: PoolRoad;
  readonly pools: readonly ApplicationPool[];
  /** Values that cannot be: they are left out and named here. */
  readonly problems: readonly string[];
}

export const timerNames = ['acquire', 'usage', 'creation'] as const;
export type TimerName = (typeof timerNames)[number];
export const numberNames = ['active', 'idle', 'pending', 'max', 'min', 'total', 'timeouts'] as const;
export type NumberName = (typeof numberNames)[number];

/** Where a value goes: a number of the pool, or a part of one of its timers. */
export type PoolField = NumberName | `${TimerName}.${keyof PoolTimer}`;
