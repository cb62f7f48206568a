import { flag, numberOrNull, text, textOrNull, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';

/** One standby as the primary sees it, or saw it last. Bytes; null where the server told nothing. */
export interface StandbyState {
  /** Stable over reconnects: slot name, else application name and address. */
  readonly key: string;
  readonly name: string;
  readonly clientAddress: string | null;
  readonly slotName: string | null;
  /** `pg_stat_replication.state`, or `disconnected` for one seen before and absent now. */
  readonly state: 'streaming' | 'catchup' | 'stopping' | 'disconnected' | 'unknown';
  readonly syncState: string | null;
  /** Written by the primary, not sent yet. */
  readonly pendingBytes: number | null;
  /** Sent, not flushed by the standby. */
  readonly networkBytes: number | null;
  /** Flushed, not replayed. */
  readonly applyBytes: number | null;
  readonly totalBytes: number | null;
  /** By the LSN history of this client; null while the history does not reach back far enough. */
  readonly lagSeconds: number | null;
  /** What of it is certain, whatever happened between two readings: 0 for WAL that was written since the last one. */
  readonly lagAtLeastSeconds?: number;
  /** True when `lagSeconds` is null because the standby is further behind than this client remembers. */
  readonly lagBeyondHistory?: boolean;
  readonly replyAgeS: number | null;
  /** ms since the epoch; only when disconnected. */
  readonly disconnectedSince?: number;
}

/** The standby's own side. */
export interface ReceiverState {
  /** A WAL receiver runs. False: disconnected, and no lag number may be shown as current. Null: the role is not told. */
  readonly connected: boolean | null;
  readonly senderHost: string | null;
  readonly slotName: string | null;
  /** It has no primary by its settings: it restores from an archive. */
  readonly archiveOnly?: boolean;
  /** Written by the source by its latest message, not received. */
  readonly pendingBytes?: number | null;
  /** Received, not replayed. */
  readonly applyBytes: number | null;
  readonly lagSeconds: number | null;
  readonly lagAtLeastSeconds?: number;
  /** Null before 14, where only "paused or not" is known. */
  readonly pauseState: 'not paused' | 'pause requested' | 'paused' | null;
}

export type ReplicationState =
  | { readonly role: 'primary'; readonly standbys: readonly StandbyState[]; readonly limited: boolean }
  | {
      readonly role: 'standby';
      readonly receiver: ReceiverState;
      readonly standbys: readonly StandbyState[];
      readonly limited: boolean;
    };

/** A walsender as `pg_stat_replication` shows it; null where the role is not told. */
export interface SenderRow {
  readonly name: string;
  readonly clientAddress: string | null;
  readonly slotName: string | null;
  readonly state: string | null;
  readonly syncState: string | null;
  readonly sentLsn: string | null;
  readonly flushLsn: string | null;
  readonly replayLsn: string | null;
  readonly replyAgeS: number | null;
}

/** All of replication in one row and one moment. */
export interface ReplicationRow {
  readonly inRecovery: boolean;
  readonly limited: boolean;
  /** The primary's insert position, or what the standby has received. */
  readonly lsn: string | null;
  readonly replayLsn: string | null;
  readonly senders: readonly SenderRow[];
  /** Permanent slots, so that a standby never seen by this client is missed too. */
  readonly slots: readonly {
    readonly name: string;
    readonly physical: boolean;
    readonly active: boolean;
    readonly used: boolean;
  }[];
  /** A standby without a primary in its settings; false also where the role may not read them. */
  readonly archiveOnly: boolean;
  readonly receiver: {
    readonly status: string | null;
    readonly senderHost: string | null;
    readonly slotName: string | null;
    readonly latestEndLsn: string | null;
  } | null;
  readonly pauseState: string | null;
}

/**
 * Role, positions, walsenders, slots and the receiver, for 12 to 18, on a primary and on a standby. The walsenders are
 * read by the functions below `pg_stat_replication`, which would list every backend of the server first.
 */
export function replicationStatement(major: number): Statement<ReplicationRow> {
  const pause =
    major >= 14
      ? 'pg_catalog.pg_get_wal_replay_pause_state()'
      : "CASE WHEN pg_catalog.pg_is_wal_replay_paused() THEN 'paused' ELSE 'not paused' END";
  return {
    name: 'replication',
    repeated: true,
    text: `
SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
  NOT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS limited,
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn() ELSE pg_catalog.pg_current_wal_lsn() END::text AS lsn,
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() END::text AS replay_lsn,
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN ${pause} END AS pause_state,
  (SELECT coalesce(json_agg(json_build_object('name', coalesce(a.application_name, ''), 'clientAddress', host(a.client_addr),
      'slotName', s.slot_name, 'state', r.state, 'syncState', r.sync_state, 'sentLsn', r.sent_lsn, 'flushLsn', r.flush_lsn,
      'replayLsn', r.replay_lsn, 'replyAgeS', extract(epoch FROM clock_timestamp() - r.reply_time)) ORDER BY a.application_name, r.pid), '[]')
    FROM pg_catalog.pg_stat_get_wal_senders() AS r
    CROSS JOIN LATERAL pg_catalog.pg_stat_get_activity(r.pid) AS a
    LEFT JOIN pg_catalog.pg_replication_slots AS s ON s.active_pid = r.pid
    WHERE r.state IS NULL OR r.state NOT IN ('startup', 'backup'))::text AS senders,
  (SELECT coalesce(json_agg(json_build_object('name', s.slot_name, 'physical', s.slot_type = 'physical', 'active', s.active,
      'used', s.restart_lsn IS NOT NULL)), '[]')
    FROM pg_catalog.pg_replication_slots AS s WHERE NOT s.temporary)::text AS slots,
  CASE WHEN pg_catalog.pg_is_in_recovery() AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver AS w WHERE w.pid IS NOT NULL)
    THEN coalesce((SELECT c.setting = '' FROM pg_catalog.pg_settings AS c WHERE c.name = 'primary_conninfo'), false)
    ELSE false END AS archive_only,
  (SELECT json_build_object('status', w.status, 'senderHost', w.sender_host, 'slotName', w.slot_name, 'latestEndLsn', w.latest_end_lsn)
    FROM pg_catalog.pg_stat_wal_receiver AS w WHERE w.pid IS NOT NULL)::text AS receiver`,
    row: readReplication,
  };
}

function readReplication(raw: RawRow): ReplicationRow {
  const receiver = textOrNull(raw, 'receiver');
  const senders = JSON.parse(text(raw, 'senders')) as readonly SenderRow[];
  return {
    inRecovery: flag(raw, 'in_recovery'),
    limited: flag(raw, 'limited'),
    lsn: textOrNull(raw, 'lsn'),
    replayLsn: textOrNull(raw, 'replay_lsn'),
    pauseState: textOrNull(raw, 'pause_state'),
    senders: senders.map((sender) => ({ ...sender, replyAgeS: numberOrNull({ age: sender.replyAgeS }, 'age') })),
    archiveOnly: flag(raw, 'archive_only'),
    slots: JSON.parse(text(raw, 'slots')) as ReplicationRow['slots'],
    receiver: receiver === null ? null : (JSON.parse(receiver) as ReplicationRow['receiver']),
  };
}
