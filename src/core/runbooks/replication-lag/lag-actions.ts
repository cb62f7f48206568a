import { formatBytes } from '../../format/quantities';
import { flag, numberOrNull, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import type { GuardedAction } from '../guarded-action';
import { statementAction } from '../statement-action';

interface ReplayNow {
  readonly inRecovery: boolean;
  readonly paused: boolean;
  readonly may: boolean;
}

const resumeText = `SELECT pg_catalog.pg_wal_replay_resume()
WHERE pg_catalog.pg_is_in_recovery() AND pg_catalog.pg_is_wal_replay_paused()`;

/** Text of the action for the cell. */
export const resumeSql = resumeText;

/** Lets a standby replay again. On a standby that was paused at a recovery target this ends recovery: it is told. */
export function resumeReplay(): GuardedAction {
  return statementAction<ReplayNow>({
    name: 'resume replay',
    question: 'Resume replay',
    button: 'Resume Replay',
    whether: 'replay was resumed',
    readAgain: 'Read the state of the standby again.',
    gone: 'The server told nothing of its replay.',
    preflight: {
      name: 'replay before the action',
      text: `
SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_is_wal_replay_paused() ELSE false END AS paused,
  pg_catalog.has_function_privilege('pg_catalog.pg_wal_replay_resume()', 'EXECUTE') AS may`,
      row: (raw: RawRow) => ({
        inRecovery: flag(raw, 'in_recovery'),
        paused: flag(raw, 'paused'),
        may: flag(raw, 'may'),
      }),
    },
    refusal: ({ inRecovery, paused, may }) => {
      if (!inRecovery) return 'This server is not a standby: there is no replay to resume.';
      if (!paused) return 'Replay is not paused.';
      return may
        ? undefined
        : 'This role may not resume replay. A superuser may, or one who was granted EXECUTE on pg_wal_replay_resume().';
    },
    describe: () => ['Replay is paused on this standby.'],
    risk: 'Queries that run here may be cancelled when replay catches up. If it was paused for a point-in-time recovery, resuming ENDS the recovery. If it paused because a setting is too low (see its log), resuming shuts the standby down.',
    frozen: (now) => now,
    statement: () => ({ name: 'resume replay', text: resumeText, row: () => true }),
    outcome: (rows) =>
      rows.length === 0
        ? { kind: 'already-gone', message: 'Replay was not paused any more. Nothing was done.' }
        : { kind: 'done', message: 'Replay goes on.' },
  });
}

interface SlotNow {
  readonly logical: boolean;
  readonly active: boolean;
  readonly retainedBytes: number | null;
  readonly restart: string | null;
  readonly plugin: string | null;
  readonly may: boolean;
}

const dropText = `SELECT pg_catalog.pg_drop_replication_slot(s.slot_name) AS dropped
FROM pg_catalog.pg_replication_slots AS s
WHERE s.slot_name = $1 AND NOT s.active AND s.restart_lsn IS NOT DISTINCT FROM $2::pg_lsn`;

export const dropSlotSql = dropText;

/** Drops a replication slot that has no consumer. */
export function dropSlot(name: string): GuardedAction {
  return statementAction<SlotNow>({
    name: `drop replication slot ${name}`,
    question: `Drop the replication slot ${name}`,
    button: 'Drop Slot',
    whether: `the slot ${name} was dropped`,
    readAgain: 'Read the slots again.',
    gone: `There is no slot ${name} any more.`,
    preflight: slotStatement(name),
    refusal: ({ active, may }) => {
      if (active) return `The slot ${name} has a consumer that is connected now: it is in use.`;
      return may ? undefined : 'This role may not drop replication slots: it takes REPLICATION or a superuser.';
    },
    describe: ({ logical, retainedBytes, plugin }) => [
      `${logical ? `Logical slot (plugin ${plugin ?? 'unknown'})` : 'Physical slot'} without a consumer.`,
      retainedBytes === null ? 'It keeps no WAL.' : `It keeps ${formatBytes(retainedBytes)} of WAL.`,
      logical
        ? 'Lost for its consumer: every change since it last confirmed. The subscription must be made and copied anew.'
        : 'Lost for its standby: WAL that it has not received, as soon as the primary recycles it. It must then restore from the archive, or be built anew with pg_basebackup.',
    ],
    risk: 'it cannot be undone.',
    frozen: (now) => now.restart,
    statement: ({ restart }) => ({
      name: 'drop replication slot',
      text: dropText,
      values: [name, restart],
      row: () => true,
    }),
    outcome: (rows) =>
      rows.length === 0
        ? { kind: 'already-gone', message: `The slot ${name} was in use or had moved on. Nothing was done.` }
        : { kind: 'done', message: `The slot ${name} is dropped; its WAL goes with the next checkpoint.` },
  });
}

function slotStatement(name: string): Statement<SlotNow> {
  return {
    name: 'slot before the action',
    text: `
SELECT s.slot_type = 'logical' AS logical, s.active, s.restart_lsn::text AS restart, s.plugin::text AS plugin,
  pg_catalog.pg_wal_lsn_diff(CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
    ELSE pg_catalog.pg_current_wal_lsn() END, s.restart_lsn)::float8 AS retained,
  (SELECT r.rolsuper OR r.rolreplication FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) AS may
FROM pg_catalog.pg_replication_slots AS s WHERE s.slot_name = $1`,
    values: [name],
    row: (raw: RawRow) => ({
      logical: flag(raw, 'logical'),
      active: flag(raw, 'active'),
      retainedBytes: numberOrNull(raw, 'retained'),
      restart: textOrNull(raw, 'restart'),
      plugin: textOrNull(raw, 'plugin'),
      may: flag(raw, 'may'),
    }),
  };
}
