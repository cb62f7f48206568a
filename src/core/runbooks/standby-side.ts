import { flag, number, numberOrNull, textOrNull, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';

/** A server as the failover and the lag look at it: which cluster it is of, and how far it is. */
export interface StandbySide {
  readonly inRecovery: boolean;
  /** Of the cluster: a primary and its standbys share it. Null where the role may not read it. */
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
  readonly receivedLsn: string | null;
  readonly replayedLsn: string | null;
  /** Received and not replayed; null on a primary. */
  readonly applyBytes: number | null;
  readonly paused: boolean;
  /** A WAL receiver runs and receives. Null: the role is not told. */
  readonly receiving: boolean | null;
  readonly senderHost: string | null;
  readonly senderPort: number | null;
  readonly slotName: string | null;
  readonly applyDelayMs: number;
  /** Since the last transaction was replayed, in s; it grows while the primary is idle. */
  readonly lastReplayS: number | null;
  /** How long replay may wait for a query, in ms; -1: for ever. */
  readonly streamingDelayMs: number;
  /** Queries that replay has cancelled since the statistics began. */
  readonly conflicts: number;
  readonly walReceiverStatus: string | null;
  readonly limited: boolean;
}

/** 12 to 18, on a standby and on a primary. */
export function standbySideStatement(major: number): Statement<StandbySide> {
  const paused =
    major >= 14 ? "pg_catalog.pg_get_wal_replay_pause_state() <> 'not paused'" : 'pg_catalog.pg_is_wal_replay_paused()';
  return {
    name: 'state of the standby',
    text: `
SELECT r.standby AS in_recovery, (SELECT s.system_identifier::text FROM pg_catalog.pg_control_system() AS s) AS system_identifier,
  (SELECT coalesce(w.received_tli, c.timeline_id) FROM pg_catalog.pg_control_checkpoint() AS c
    LEFT JOIN pg_catalog.pg_stat_wal_receiver AS w ON true)::int AS timeline,
  CASE WHEN r.standby THEN pg_catalog.pg_last_wal_receive_lsn() ELSE pg_catalog.pg_current_wal_lsn() END::text AS received,
  CASE WHEN r.standby THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END::text AS replayed,
  CASE WHEN r.standby THEN greatest(0, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()))
    END::float8 AS apply_bytes,
  CASE WHEN r.standby THEN ${paused} ELSE false END AS paused,
  CASE WHEN NOT r.standby THEN NULL
    ELSE EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver AS w WHERE w.pid IS NOT NULL AND coalesce(w.status, 'streaming') NOT IN ('starting', 'stopping'))
    END AS receiving,
  w.status AS receiver_status, w.sender_host, w.sender_port, w.slot_name,
  (SELECT c.setting::float8 FROM pg_catalog.pg_settings AS c WHERE c.name = 'recovery_min_apply_delay') AS apply_delay_ms,
  (SELECT c.setting::float8 FROM pg_catalog.pg_settings AS c WHERE c.name = 'max_standby_streaming_delay') AS streaming_delay_ms,
  CASE WHEN r.standby THEN extract(epoch FROM clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()) END::float8 AS last_replay_s,
  (SELECT coalesce(sum(d.conflicts), 0) FROM pg_catalog.pg_stat_database AS d)::float8 AS conflicts,
  NOT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS limited
FROM (SELECT pg_catalog.pg_is_in_recovery() AS standby) AS r LEFT JOIN pg_catalog.pg_stat_wal_receiver AS w ON true`,
    row: (raw: RawRow) => ({
      inRecovery: flag(raw, 'in_recovery'),
      systemIdentifier: textOrNull(raw, 'system_identifier'),
      timeline: numberOrNull(raw, 'timeline'),
      receivedLsn: textOrNull(raw, 'received'),
      replayedLsn: textOrNull(raw, 'replayed'),
      applyBytes: numberOrNull(raw, 'apply_bytes'),
      paused: flag(raw, 'paused'),
      receiving: typeof raw['receiving'] === 'boolean' ? raw['receiving'] : null,
      senderHost: textOrNull(raw, 'sender_host'),
      senderPort: numberOrNull(raw, 'sender_port'),
      slotName: textOrNull(raw, 'slot_name'),
      applyDelayMs: number(raw, 'apply_delay_ms'),
      lastReplayS: numberOrNull(raw, 'last_replay_s'),
      streamingDelayMs: number(raw, 'streaming_delay_ms'),
      conflicts: number(raw, 'conflicts'),
      walReceiverStatus: textOrNull(raw, 'receiver_status'),
      limited: flag(raw, 'limited'),
    }),
  };
}
