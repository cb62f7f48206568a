import { archiveAgeStatement, type ArchiveAge } from '../../health/checks/archive-age';
import { archiverStatement, type Archiver } from '../../health/checks/archiver';
import { databaseSizesStatement, type DatabaseSize } from '../../health/checks/database-sizes';
import { slotsStatement, type Slot } from '../../health/checks/slots';
import { walBacklogStatement, type WalBacklog } from '../../health/checks/wal-backlog';
import { DatabaseError } from '../../ports/database-error';
import { flag, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';
import { baseBackupsStatement, type BaseBackup } from '../base-backups';
import { capacityStatement, type Capacity } from '../scaling/capacity';

/** How the server archives and what a restore of it must know. */
export interface BackupSettings {
  readonly walLevel: string;
  readonly archiveMode: string;
  /** May hold secrets: only its first word and what it does are shown. Null where the role may not see it. */
  readonly archiveCommand: string | null;
  readonly archiveLibrary: string | null;
  readonly archiveTimeoutS: number;
  readonly checksums: boolean;
  readonly timeline: number;
  /** Tablespaces of their own places: a copy on the same machine must map them. */
  readonly tablespaces: readonly string[];
  readonly version: string;
}

/** 12 to 18. */
export const backupSettingsStatement: Statement<BackupSettings> = {
  name: 'settings of archive and restore',
  text: `
SELECT current_setting('wal_level') AS wal_level, current_setting('archive_mode') AS archive_mode,
  (SELECT c.setting FROM pg_catalog.pg_settings AS c WHERE c.name = 'archive_command') AS archive_command,
  (SELECT c.setting FROM pg_catalog.pg_settings AS c WHERE c.name = 'archive_library') AS archive_library,
  (SELECT c.setting::int FROM pg_catalog.pg_settings AS c WHERE c.name = 'archive_timeout') AS timeout_s,
  current_setting('data_checksums') = 'on' AS checksums,
  (SELECT c.timeline_id FROM pg_catalog.pg_control_checkpoint() AS c)::int AS timeline,
  (SELECT coalesce(json_agg(t.spcname ORDER BY t.spcname), '[]') FROM pg_catalog.pg_tablespace AS t
    WHERE t.spcname NOT IN ('pg_default', 'pg_global'))::text AS tablespaces,
  current_setting('server_version') AS version`,
  row: (raw: RawRow) => ({
    walLevel: text(raw, 'wal_level'),
    archiveMode: text(raw, 'archive_mode'),
    archiveCommand: textOrNull(raw, 'archive_command'),
    archiveLibrary: textOrNull(raw, 'archive_library'),
    archiveTimeoutS: number(raw, 'timeout_s'),
    checksums: flag(raw, 'checksums'),
    timeline: number(raw, 'timeline'),
    tablespaces: JSON.parse(text(raw, 'tablespaces')) as readonly string[],
    version: text(raw, 'version'),
  }),
};

/** The label that the end of a base backup leaves in pg_wal. */
export interface BackupLabel {
  readonly file: string;
  readonly ageS: number;
}

/**
 * The newest label, for 12 to 18; the function is granted to pg_monitor. With archiving on, the label of the last backup
 * stays until the next one; a backup that was taken from a standby leaves none here.
 */
export const backupLabelStatement: Statement<BackupLabel> = {
  name: 'label of the last base backup',
  text: `
SELECT w.name AS file, extract(epoch FROM clock_timestamp() - w.modification)::float8 AS age_s
FROM pg_catalog.pg_ls_waldir() AS w WHERE w.name ~ '^[0-9A-F]{24}[.][0-9A-F]{8}[.]backup$'
ORDER BY w.modification DESC LIMIT 1`,
  row: (raw: RawRow) => ({ file: text(raw, 'file'), ageS: number(raw, 'age_s') }),
};

/** A server in recovery: a standby, or a copy that is being restored. */
export interface Recovery {
  readonly inRecovery: boolean;
  readonly paused: boolean;
  /** The setting of a recovery target, as "recovery_target_time = …"; null: it has none. */
  readonly target: string | null;
  readonly action: string;
  readonly hasRestoreCommand: boolean;
  readonly receiving: boolean;
  readonly replayedLsn: string | null;
  /** When the last replayed transaction was committed, with its zone. */
  readonly replayedAt: string | null;
  readonly timeline: number;
}

/** The state of a pause is told from 14 on; before, only whether one was asked for. */
export function recoveryStatement(major: number): Statement<Recovery> {
  const paused =
    major >= 14 ? "pg_catalog.pg_get_wal_replay_pause_state() = 'paused'" : 'pg_catalog.pg_is_wal_replay_paused()';
  return {
    name: 'state of the recovery',
    text: `
SELECT r.recovers AS in_recovery, CASE WHEN r.recovers THEN ${paused} ELSE false END AS paused,
  (SELECT string_agg(c.name || ' = ' || c.setting, ', ' ORDER BY c.name) FROM pg_catalog.pg_settings AS c
    WHERE c.name IN ('recovery_target', 'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time', 'recovery_target_xid')
      AND c.setting <> '') AS target,
  current_setting('recovery_target_action') AS action,
  coalesce((SELECT c.setting <> '' FROM pg_catalog.pg_settings AS c WHERE c.name = 'restore_command'), false) AS has_restore,
  EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver AS w WHERE w.pid IS NOT NULL) AS receiving,
  CASE WHEN r.recovers THEN pg_catalog.pg_last_wal_replay_lsn() END::text AS replayed,
  CASE WHEN r.recovers THEN pg_catalog.pg_last_xact_replay_timestamp() END::text AS replayed_at,
  (SELECT c.timeline_id FROM pg_catalog.pg_control_checkpoint() AS c)::int AS timeline
FROM (SELECT pg_catalog.pg_is_in_recovery() AS recovers) AS r`,
    row: (raw: RawRow) => ({
      inRecovery: flag(raw, 'in_recovery'),
      paused: flag(raw, 'paused'),
      target: textOrNull(raw, 'target'),
      action: text(raw, 'action'),
      hasRestoreCommand: flag(raw, 'has_restore'),
      receiving: flag(raw, 'receiving'),
      replayedLsn: textOrNull(raw, 'replayed'),
      replayedAt: textOrNull(raw, 'replayed_at'),
      timeline: number(raw, 'timeline'),
    }),
  };
}

/** The largest tables, for the probes of a drill. */
export interface LargeTable {
  readonly schema: string;
  readonly name: string;
  readonly rows: number | null;
}

/** By estimate, waiting for no lock. 12 to 18; a table that nobody has counted has none (-1 from 14 on). */
export const largeTablesStatement: Statement<LargeTable> = {
  name: 'tables to probe',
  text: `
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name,
  CASE WHEN c.reltuples > 0 THEN c.reltuples END::float8 AS row_count
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^(pg_|information_schema$)'
ORDER BY c.relpages DESC, n.nspname, c.relname LIMIT 5`,
  row: (raw: RawRow) => ({
    schema: text(raw, 'schema_name'),
    name: text(raw, 'table_name'),
    rows: numberOrNull(raw, 'row_count'),
  }),
};

export interface BackupEvidence {
  readonly recovery: Recovery;
  readonly settings: BackupSettings;
  readonly capacity: Capacity;
  /** These four are of a primary only; null on a server in recovery. */
  readonly archiver: Archiver | null;
  readonly age: ArchiveAge | null;
  /** Null where the role may not see it: pg_monitor may. */
  readonly backlog: WalBacklog | null;
  readonly label: BackupLabel | null;
  /** The role may look for labels; false: that there is none proves nothing. */
  readonly seesLabels: boolean;
  readonly slots: readonly Slot[];
  /** Null before 13. */
  readonly backups: readonly BaseBackup[] | null;
  readonly sizes: readonly DatabaseSize[];
  readonly tables: readonly LargeTable[];
}

export async function readBackupEvidence(session: Session, signal: AbortSignal): Promise<BackupEvidence> {
  const { major, seesAllSessions } = session.capabilities;
  const [recovery] = await session.read(recoveryStatement(major), signal);
  const [settings] = await session.read(backupSettingsStatement, signal);
  const [capacity] = await session.read(capacityStatement, signal);
  if (!recovery || !settings || !capacity) throw new Error('The server told nothing of itself.');
  const primary = !recovery.inRecovery;
  const one = async <Row>(statement: Statement<Row>): Promise<Row | null> =>
    (await session.read(statement, signal))[0] ?? null;
  /** What only pg_monitor may see. */
  const monitored = async <Row>(statement: Statement<Row>): Promise<Row | null> => {
    if (!seesAllSessions) return null;
    try {
      return await one(statement);
    } catch (error) {
      if (error instanceof DatabaseError && error.reason === 'permission-denied') return null;
      throw error;
    }
  };
  return {
    recovery,
    settings,
    capacity,
    archiver: primary ? await one(archiverStatement) : null,
    age: primary ? await one(archiveAgeStatement) : null,
    backlog: primary ? await monitored(walBacklogStatement) : null,
    label: primary ? await monitored(backupLabelStatement) : null,
    seesLabels: seesAllSessions && settings.archiveMode !== 'off',
    slots: await session.read(slotsStatement(major), signal),
    backups: major >= 13 ? await session.read(baseBackupsStatement, signal) : null,
    sizes: await session.read(databaseSizesStatement, signal),
    tables: await session.read(largeTablesStatement, signal),
  };
}
