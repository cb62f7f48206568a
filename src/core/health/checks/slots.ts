import { formatBytes, formatDuration } from '../../format/quantities';
import { flag, flagOrNull, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition, type Samples } from '../check';
import { measured, nothingFound, stated } from '../finding';
import type { Finding, Threshold } from '../signal';
import { standardOf } from '../standard-limits';

/** A replication slot; null where the version or the slot's kind has no such thing. */
export interface Slot {
  readonly name: string;
  readonly logical: boolean;
  readonly database: string | null;
  readonly active: boolean;
  /** 13+: reserved, extended, unreserved, lost. */
  readonly walStatus: string | null;
  /** WAL that may still be written before the slot is lost; negative: at the next checkpoint. Null: no limit, or lost. */
  readonly safeBytes: number | null;
  /** WAL kept since `restart_lsn`; null where nothing is reserved. */
  readonly retainedBytes: number | null;
  /** Logical: not confirmed by the consumer. */
  readonly unconfirmedBytes: number | null;
  /** 16+. */
  readonly conflicting: boolean;
  /** 17+. */
  readonly invalidation: string | null;
  /** 17+. */
  readonly inactiveS: number | null;
  /** 13+: max_slot_wal_keep_size is set. */
  readonly limited: boolean;
}

/** Slots that outlive their session, on a primary and on a standby. */
export function slotsStatement(major: number): Statement<Slot> {
  const from = (version: number, expression: string, otherwise: string): string =>
    major >= version ? expression : otherwise;
  return {
    name: 'replication slots',
    text: `
SELECT s.slot_name::text AS name, s.slot_type = 'logical' AS logical, s.database::text AS datname, s.active,
  ${from(13, 's.wal_status', 'NULL::text')} AS wal_status, ${from(13, 's.safe_wal_size', 'NULL')}::float8 AS safe_bytes,
  pg_catalog.pg_wal_lsn_diff(l.lsn, s.restart_lsn)::float8 AS retained_bytes,
  pg_catalog.pg_wal_lsn_diff(l.lsn, s.confirmed_flush_lsn)::float8 AS unconfirmed_bytes,
  ${from(16, 'coalesce(s.conflicting, false)', 'false')} AS conflicting,
  ${from(17, 's.invalidation_reason', 'NULL::text')} AS invalidation,
  ${from(17, 'extract(epoch FROM clock_timestamp() - s.inactive_since)', 'NULL')}::float8 AS inactive_s,
  ${from(13, "(SELECT c.setting <> '-1' FROM pg_catalog.pg_settings AS c WHERE c.name = 'max_slot_wal_keep_size')", 'false')} AS has_limit
FROM pg_catalog.pg_replication_slots AS s
CROSS JOIN (SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
  ELSE pg_catalog.pg_current_wal_lsn() END AS lsn) AS l
WHERE NOT s.temporary ORDER BY s.slot_name`,
    row: (raw: RawRow) => ({
      name: text(raw, 'name'),
      logical: flag(raw, 'logical'),
      database: textOrNull(raw, 'datname'),
      active: flag(raw, 'active'),
      walStatus: textOrNull(raw, 'wal_status'),
      safeBytes: numberOrNull(raw, 'safe_bytes'),
      retainedBytes: numberOrNull(raw, 'retained_bytes'),
      unconfirmedBytes: numberOrNull(raw, 'unconfirmed_bytes'),
      conflicting: flag(raw, 'conflicting'),
      invalidation: textOrNull(raw, 'invalidation'),
      inactiveS: numberOrNull(raw, 'inactive_s'),
      limited: flagOrNull(raw, 'has_limit') ?? false,
    }),
  };
}

export const slots: CheckDefinition<Slot> = {
  id: 'slots',
  group: 'replication',
  title: 'Replication slots',
  explanation:
    'A slot keeps WAL until its consumer has it. Without a consumer it fills the disk, or is lost, and its consumer must be built anew.',
  runbook: 'replication-lag',
  tierMs: tiers.minute,
  // Before 17 the server does not tell since when a slot is inactive: it is counted here.
  keepMs: 90_000_000,
  read: (query, { server }) => query(slotsStatement(server.major)),
  evaluate: (samples, { limits }) => {
    if (samples.now.rows.length === 0) return [nothingFound('slots.retained', 'no slot')];
    const levels = {
      retained: limits('slots.retained', standardOf('slots.retained')),
      inactive: limits('slots.inactive', standardOf('slots.inactive')),
    };
    return samples.now.rows.flatMap((slot) => findingsOf(slot, inactiveSeconds(slot, samples), levels));
  },
};

function findingsOf(
  slot: Slot,
  inactiveS: number,
  levels: { readonly retained: Threshold; readonly inactive: Threshold },
): Finding[] {
  const { name, walStatus, safeBytes, retainedBytes } = slot;
  if (walStatus === 'lost' || slot.invalidation !== null || slot.conflicting) {
    const why = slot.invalidation ?? (slot.conflicting ? 'conflict with recovery' : 'the WAL it needs was removed');
    return [
      stated('slots.status', name, 'critical', {
        words: `slot ${name} is LOST: ${why}`,
        lines: ['Its consumer cannot go on. Build the standby or the subscription anew, then drop the slot.'],
      }),
    ];
  }
  const found: Finding[] = [
    measured('slots.retained', name, retainedBytes, 'bytes', levels.retained, {
      ...(retainedBytes === null && { severity: 'ok' }),
      words:
        retainedBytes === null
          ? `slot ${name} has never been used`
          : `slot ${name} keeps ${formatBytes(retainedBytes)} of WAL`,
      lines: [
        `${slot.logical ? `Logical, of ${slot.database ?? 'no database'}` : 'Physical'}, ${slot.active ? 'active' : 'NOT active'}.`,
        ...(slot.unconfirmedBytes === null ? [] : [`Not confirmed: ${formatBytes(slot.unconfirmedBytes)}.`]),
        slot.limited
          ? safeBytes === null
            ? 'max_slot_wal_keep_size limits it.'
            : `${formatBytes(Math.max(0, safeBytes))} more may be written before it is lost.`
          : 'Nothing limits how much it keeps (max_slot_wal_keep_size).',
      ],
    }),
  ];
  if (walStatus === 'unreserved') {
    const words = `slot ${name} is about to be lost${safeBytes === null ? '' : `: ${formatBytes(-safeBytes)} over its limit`}`;
    found.push(stated('slots.status', name, 'critical', { words, lines: ['The next checkpoint may remove its WAL.'] }));
  } else if (walStatus === 'extended') {
    const left = safeBytes === null ? '' : `, ${formatBytes(safeBytes)} before it is lost`;
    found.push(stated('slots.status', name, 'warning', { words: `slot ${name} keeps more than max_wal_size${left}` }));
  }
  if (!slot.active && retainedBytes !== null) {
    found.push(
      measured('slots.inactive', name, inactiveS, 's', levels.inactive, {
        // Before 17 it is what was watched of it, which may be the last hour of a year.
        words: `slot ${name} without a consumer for ${slot.inactiveS === null ? 'at least ' : ''}${formatDuration(inactiveS)}`,
        lines: ['Let its consumer come back, or drop the slot when nobody needs it: what it holds is lost then.'],
      }),
    );
  }
  return found;
}

/** Told by the server (17+), else the time over which every sample showed it inactive, which is the least it can be. */
function inactiveSeconds(slot: Slot, { now, earlier }: Samples<Slot>): number {
  if (slot.inactiveS !== null) return slot.inactiveS;
  let since = now.at;
  for (const { at, rows } of earlier.toReversed()) {
    const before = rows.find((row) => row.name === slot.name);
    if (!before || before.active) break;
    since = at;
  }
  return (now.at - since) / 1000;
}
