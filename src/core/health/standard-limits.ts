import { above, below } from './finding';
import type { Threshold, Unit } from './signal';
import { defaultThresholds, type Levels } from './thresholds';

/** One limit that a person may set otherwise. */
export interface StandardLimit {
  readonly unit: Unit;
  /** What the product compares with; null where it depends on the server. */
  readonly threshold: Threshold | null;
  /** What is measured, in a few words. */
  readonly what: string;
  /** Bounds of what may be set; from 0 and, for a part of a whole, to 1 where missing. */
  readonly least?: number;
  readonly most?: number;
}

const kibi = 1024;
const day = 86_400;
const up = ({ warning, critical }: Levels): Threshold => above(warning, critical);
const limit = (
  unit: Unit,
  threshold: Threshold | null,
  what: string,
  bounds?: Partial<StandardLimit>,
): StandardLimit => ({
  unit,
  threshold,
  what,
  ...bounds,
});

/** The limits of all signals that have one, by the signal's name; guide and field as each says. */
export const standardLimits = {
  'sessions.used': limit('ratio', up(defaultThresholds.sessionsUsed), 'part of the usable slots in use'),
  'sessions.oldest-idle-in-transaction': limit(
    's',
    up(defaultThresholds.idleInTransactionS),
    'longest time idle in an open transaction',
  ),
  'locks.longest-wait': limit('s', up(defaultThresholds.lockWaitS), 'longest wait for a lock'),
  'standby.lag-seconds': limit('s', up(defaultThresholds.lagS), 'lag of a standby, seen on its primary'),
  'standby.lag-bytes': limit('bytes', up(defaultThresholds.lagBytes), 'WAL that a standby lacks, seen on its primary'),
  'receiver.lag-seconds': limit('s', up(defaultThresholds.receiverLagS), 'lag of this standby, seen on itself'),
  'receiver.lag-bytes': limit('bytes', up(defaultThresholds.receiverLagBytes), 'WAL received and not replayed'),
  // Field: 1 GB and 10 GB of WAL that one slot keeps; half an hour and a day without a consumer.
  'slots.retained': limit('bytes', above(kibi ** 3, 10 * kibi ** 3), 'WAL that a replication slot keeps'),
  'slots.inactive': limit('s', above(1800, day), 'time that a slot is without its consumer'),
  // Field: a handful in a quarter of an hour happens with every long report on a standby.
  'standby-conflicts.cancelled': limit('count', above(0, 50), 'queries cancelled on a standby in 15 min'),
  // As long as a session may be idle in its transaction: 5 and 15 minutes.
  'leaks.idle-in-transaction': limit('s', above(300, 900), 'time that an application holds a transaction open, idle'),
  'prepared-transactions.oldest': limit('s', above(300, 900), 'age of the oldest prepared transaction'),
  'database-limits.used': limit('ratio', above(0.8, 0.95), "part of a database's connection limit in use"),
  'role-limits.used': limit('ratio', above(0.8, 0.95), "part of a role's connection limit in use"),
  'deadlocks.recent': limit('count', above(0, 20), 'deadlocks in 15 min'),
  // Guide: queries above 30 s are to be investigated; ten times that is critical. Shorter ones are not looked at.
  'long-queries.oldest': limit('s', above(30, 300), 'age of the longest running query', { least: 5 }),
  // Field: a quarter of an hour and an hour.
  'long-transactions.oldest': limit('s', above(900, 3600), 'age of the oldest open transaction', { least: 5 }),
  // Guide: mean above 1 s, a single one above 30 s.
  'statements.mean': limit('ms', above(1000, 10_000), 'mean time of a statement lately'),
  'statements.max': limit('ms', above(30_000, 300_000), 'longest time of a statement'),
  // Field: below 98 %. Nothing is critical by it alone.
  'cache-hit.ratio': limit('ratio', below(0.98, 0), 'part of the reads that the cache answers'),
  // Field: no number is usual; 1 GB in a quarter of an hour is worth a look.
  'temp-files.bytes': limit('bytes', above(kibi ** 3, 50 * kibi ** 3), 'temporary files written in 15 min'),
  // Field: a million transactions back much is kept; a hundred million is the way to a stop.
  'horizon.age': limit(
    'transactions',
    above(1_000_000, 100_000_000),
    'transactions that the horizon of vacuum is behind',
  ),
  // Field: half and three quarters of the way.
  'wraparound.transactions': limit('ratio', above(0.5, 0.75), 'part of the way to the stop by wraparound'),
  'wraparound.multixacts': limit('ratio', above(0.5, 0.75), 'the same for multixacts'),
  // Beyond 1 a table is due, which is normal; at twice of it autovacuum does not keep up.
  'autovacuum-need.ratio': limit('ratio', above(2, 10), 'dead rows as a multiple of what starts autovacuum', {
    most: 10_000,
  }),
  // Field: six hours are long also for a large table; a day wants a look whatever it is.
  'vacuum-progress.longest': limit('s', above(21_600, day), 'age of the longest running vacuum'),
  // A part of the table that is dead and that nothing cleans: a fifth is where autovacuum comes by default.
  'never-vacuumed.dead': limit('ratio', above(0.4, 0.9), 'part of a table that is dead and was never vacuumed'),
  // Field: 75 %.
  'sequences.used': limit('ratio', above(0.75, 0.9), 'part of a sequence that is used up'),
  // Field: more than a handful of them an hour mean that max_wal_size is too small.
  'checkpoints.requested': limit('count', above(6, 30), 'requested checkpoints in an hour'),
  // Guide: an RPO of 15 minutes. Two thirds of it are a warning.
  'archive-age.exposed': limit('s', above(600, 900), 'age of what would be lost with the server (the RPO)'),
  'archiver.failing': limit('s', above(0, 300), 'time that archiving has failed'),
  // Field: ten segments wait in a burst; a hundred (1.6 GB) mean that archiving does not keep up.
  'wal-backlog.ready': limit('count', above(10, 100), 'WAL segments that wait to be archived'),
  'wal-backlog.bytes': limit('bytes', null, 'WAL on disk; 2 and 10 times max_wal_size where it is not set here'),
  // Guide: 80 % of the disk. A week is time enough to enlarge it, a day is not.
  'disk.used': limit('ratio', above(0.8, 0.95), 'part of the disk in use'),
  'disk.days-left': limit('days', below(7, 1), 'days until the disk is full at the present growth'),
  // Guide: active above 80 % of max; anybody who waits, any time-out.
  'hikari.used': limit('ratio', above(0.8, 1), "part of an application's pool in use"),
  'hikari.pending': limit(
    'count',
    above(0, 0),
    'requests that wait for a connection; critical when the pool is full too',
  ),
  'hikari.timeouts': limit('count', above(0, 0), 'requests that got no connection in 5 min'),
  // Any waiting is a warning; 5 s is seen by people.
  'pgbouncer.wait': limit('s', above(0, 5), 'time that a client of PgBouncer has waited'),
  'prometheus.sessions': limit(
    'ratio',
    up(defaultThresholds.sessionsUsed),
    'part of the usable slots in use, by Prometheus',
  ),
  'prometheus.lag': limit('s', up(defaultThresholds.lagS), 'lag of a standby, by Prometheus'),
  'prometheus.lag-bytes': limit('bytes', up(defaultThresholds.lagBytes), 'WAL that a standby lacks, by Prometheus'),
  // Field: an operation that runs for longer than an hour holds vacuum back.
  'prometheus.long-transaction': limit('s', above(3600, day), 'age of the longest transaction, by Prometheus'),
  'prometheus.deadlocks': limit('count', above(0, 10), 'deadlocks in 10 min, by Prometheus'),
  // Guide: a mean above 1 s, a maximum above 30 s.
  'prometheus.statements-mean': limit('s', above(1, 10), 'slowest mean time of a statement, by Prometheus'),
  'prometheus.statements-max': limit('s', above(30, 300), 'longest time of a statement, by Prometheus'),
} as const satisfies Readonly<Record<string, StandardLimit>>;

export type LimitName = keyof typeof standardLimits;

/** The product's own limit of a signal that does not depend on the server. */
export function standardOf(name: Exclude<LimitName, 'wal-backlog.bytes'>): Threshold {
  return standardLimits[name].threshold as Threshold;
}
