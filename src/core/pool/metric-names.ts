import type { PoolField, TimerName } from './application-pool';

/** A metric that a pool is known by. `scale` turns its value into the field's unit. */
export interface KnownMetric {
  readonly field: PoolField;
  readonly scale: number;
  /** The pool's name stands in the metric's. */
  readonly pool?: string;
}

/** Micrometer's names, dots as underscores; `timeout` is a counter. The guide writes `hikari` in place of `hikaricp`. */
const micrometer = namesOf<PoolField>({
  '': 'total',
  _active: 'active',
  _idle: 'idle',
  _pending: 'pending',
  _max: 'max',
  _min: 'min',
  _timeout: 'timeouts',
  _timeout_total: 'timeouts',
});

/** What HikariCP's own Prometheus classes call them. */
const hikariOwn = namesOf<PoolField>({
  active_connections: 'active',
  idle_connections: 'idle',
  pending_threads: 'pending',
  max_connections: 'max',
  min_connections: 'min',
  connection_timeout_total: 'timeouts',
});

const ownTimers = namesOf<readonly [TimerName, number]>({
  connection_acquired_nanos: ['acquire', 1e-9],
  connection_usage_millis: ['usage', 1e-3],
  connection_creation_millis: ['creation', 1e-3],
});

const dropwizard = namesOf<PoolField>({
  ActiveConnections: 'active',
  IdleConnections: 'idle',
  PendingConnections: 'pending',
  MaxConnections: 'max',
  MinConnections: 'min',
  TotalConnections: 'total',
  ConnectionTimeoutRate: 'timeouts',
  ConnectionTimeoutRate_total: 'timeouts',
  ConnectionTimeoutRate_count: 'timeouts',
  Wait_count: 'acquire.count',
  Usage_count: 'usage.count',
  ConnectionCreation_count: 'creation.count',
});

const timerUnits: Readonly<Record<string, number>> = { seconds: 1, milliseconds: 1e-3 };
const timerParts = { count: 'count', sum: 'totalS', max: 'maxS' } as const;

/** What a metric says of a pool, by any of the four naming schemes or the guide's; undefined for all others. */
export function knownMetric(name: string): KnownMetric | undefined {
  const plain = name.replaceAll('.', '_');
  const connections = /^hikari(?:cp)?_connections(.*)$/.exec(plain)?.[1];
  if (connections !== undefined) {
    const field = micrometer.get(connections);
    if (field) return { field, scale: 1 };
    const timer = /^_(acquire|usage|creation)(?:_(seconds|milliseconds))?_(count|sum|max)$/.exec(connections);
    if (timer) return timerMetric(timer[1] as TimerName, timer[3], timerUnits[timer[2] ?? 'seconds'] ?? 1);
  }
  const own = /^hikaricp_(.*?)(?:_(count|sum))?$/.exec(plain);
  if (own) {
    const field = hikariOwn.get(own[1] ?? '');
    if (field && own[2] === undefined) return { field, scale: 1 };
    const timer = ownTimers.get(own[1] ?? '');
    if (timer && own[2] !== undefined) return timerMetric(timer[0], own[2], timer[1]);
  }
  const named = /^(.+)[._]pool[._]([A-Za-z_]+)$/.exec(name);
  const field = named && dropwizard.get(named[2] ?? '');
  return field ? { field, scale: 1, pool: named[1] ?? '' } : undefined;
}

function timerMetric(timer: TimerName, part: string | undefined, scale: number): KnownMetric {
  const of = timerParts[part as keyof typeof timerParts];
  return { field: `${timer}.${of}`, scale: of === 'count' ? 1 : scale };
}

/** A map, for an object would know `constructor` too. */
function namesOf<T>(names: Readonly<Record<string, T>>): ReadonlyMap<string, T> {
  return new Map(Object.entries(names));
}
