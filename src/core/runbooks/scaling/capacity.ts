import { flag, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';

/** What a server was given, and what its counters say of whether it is enough. Bytes. */
export interface Capacity {
  readonly inRecovery: boolean;
  /** Of the cluster: a primary and its standbys share it. */
  readonly systemIdentifier: string;
  /** The slot that it takes from its primary, and the name under which it receives; null where none is set. */
  readonly slotName: string | null;
  readonly clusterName: string | null;
  readonly sharedBuffers: number;
  readonly effectiveCache: number;
  readonly workMem: number;
  /** 13+; 1 before. */
  readonly hashMultiplier: number;
  readonly maintenanceMem: number;
  readonly autovacuumWorkers: number;
  /** The settings that a standby must have at least as large as its primary. */
  readonly atLeastOnStandby: Readonly<Record<string, number>>;
  readonly walLevel: string;
  readonly walSenders: number;
  readonly slots: number;
  readonly maxSlots: number;
  /** 13+: max_slot_wal_keep_size is set; null before. */
  readonly slotsLimited: boolean | null;
  /** Of this database, since `since`. */
  readonly hit: number;
  readonly read: number;
  readonly tempBytes: number;
  /** Mean time to read a block, in ms; null where track_io_timing is off or nothing was read. */
  readonly readMs: number | null;
  /** Since when the counters count; null: since the database was made. */
  readonly countedS: number | null;
  /** Settings that were changed in the file and wait for a restart. */
  readonly pendingRestart: readonly string[];
}

/** A standby that has less of one of these than its primary pauses its replay (14+) or stops (before). */
export const atLeastOnStandby = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
] as const;

const bytesOf = (name: string): string => `pg_catalog.pg_size_bytes(current_setting('${name}'))::float8`;

/** Needs no privilege. 12 to 18: io_timing columns are those of pg_stat_database, which kept their names. */
export const capacityStatement: Statement<Capacity> = {
  name: 'what the server was given',
  text: `
SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
  (SELECT s.system_identifier::text FROM pg_catalog.pg_control_system() AS s) AS system_identifier,
  nullif(current_setting('primary_slot_name'), '') AS own_slot, nullif(current_setting('cluster_name'), '') AS cluster_name,
  ${bytesOf('shared_buffers')} AS shared_buffers, ${bytesOf('effective_cache_size')} AS effective_cache,
  ${bytesOf('work_mem')} AS work_mem, ${bytesOf('maintenance_work_mem')} AS maintenance_mem,
  coalesce(current_setting('hash_mem_multiplier', true), '1')::float8 AS hash_multiplier,
  current_setting('autovacuum_max_workers')::int AS autovacuum_workers,
  (SELECT json_object_agg(c.name, c.setting::int8) FROM pg_catalog.pg_settings AS c
    WHERE c.name IN (${atLeastOnStandby.map((name) => `'${name}'`).join(', ')}))::text AS at_least,
  current_setting('wal_level') AS wal_level, (SELECT count(*) FROM pg_catalog.pg_stat_get_wal_senders())::int AS wal_senders,
  (SELECT count(*) FROM pg_catalog.pg_replication_slots)::int AS slots, current_setting('max_replication_slots')::int AS max_slots,
  current_setting('max_slot_wal_keep_size', true) AS slot_limit,
  d.blks_hit::float8 AS hit, d.blks_read::float8 AS read, d.temp_bytes::float8 AS temp_bytes,
  CASE WHEN current_setting('track_io_timing') = 'on' AND d.blks_read > 0 THEN d.blk_read_time / d.blks_read END::float8 AS read_ms,
  extract(epoch FROM clock_timestamp() - d.stats_reset)::float8 AS counted_s,
  (SELECT coalesce(json_agg(c.name ORDER BY c.name), '[]') FROM pg_catalog.pg_settings AS c WHERE c.pending_restart)::text AS pending_restart
FROM pg_catalog.pg_stat_database AS d WHERE d.datname = current_database()`,
  row: (raw: RawRow) => {
    const limit = textOrNull(raw, 'slot_limit');
    return {
      inRecovery: flag(raw, 'in_recovery'),
      systemIdentifier: text(raw, 'system_identifier'),
      slotName: textOrNull(raw, 'own_slot'),
      clusterName: textOrNull(raw, 'cluster_name'),
      sharedBuffers: number(raw, 'shared_buffers'),
      effectiveCache: number(raw, 'effective_cache'),
      workMem: number(raw, 'work_mem'),
      hashMultiplier: number(raw, 'hash_multiplier'),
      maintenanceMem: number(raw, 'maintenance_mem'),
      autovacuumWorkers: number(raw, 'autovacuum_workers'),
      atLeastOnStandby: JSON.parse(text(raw, 'at_least')) as Readonly<Record<string, number>>,
      walLevel: text(raw, 'wal_level'),
      walSenders: number(raw, 'wal_senders'),
      slots: number(raw, 'slots'),
      maxSlots: number(raw, 'max_slots'),
      slotsLimited: limit === null ? null : limit !== '-1',
      hit: number(raw, 'hit'),
      read: number(raw, 'read'),
      tempBytes: number(raw, 'temp_bytes'),
      readMs: numberOrNull(raw, 'read_ms'),
      countedS: numberOrNull(raw, 'counted_s'),
      pendingRestart: JSON.parse(text(raw, 'pending_restart')) as readonly string[],
    };
  },
};

/** Over fewer blocks (80 MB) a ratio says nothing. */
const fewestBlocks = 10_000;

/** The part of blocks found in shared buffers since the counters began; null where too few were asked for. */
export function cacheHitOf({ hit, read }: Pick<Capacity, 'hit' | 'read'>): number | null {
  return hit + read < fewestBlocks ? null : hit / (hit + read);
}

/** A server of the same cluster, by its saved connection. */
export interface Peer {
  readonly connectionId: string;
  readonly connection: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly capacity: Capacity;
}

/** A setting of a standby that is below its primary's. */
export interface TooSmall {
  readonly connection: string;
  readonly setting: string;
  readonly here: number;
  readonly primary: number;
}

/** Standbys that would not take what their primary does; a primary raised alone makes them. */
export function tooSmallOnStandbys(primary: Capacity, peers: readonly Peer[]): readonly TooSmall[] {
  return peers
    .filter(({ capacity }) => capacity.inRecovery)
    .flatMap(({ connection, capacity }) =>
      atLeastOnStandby.flatMap((setting): TooSmall[] => {
        const here = capacity.atLeastOnStandby[setting] ?? 0;
        const wanted = primary.atLeastOnStandby[setting] ?? 0;
        return here < wanted ? [{ connection, setting, here, primary: wanted }] : [];
      }),
    );
}
