import { formatBytes, formatCount, formatDuration } from '../../format/quantities';
import { exposedSeconds } from '../../health/checks/archive-age';
import { escapeMarkdown, inlineCode, markdownTable } from '../markdown';
import { baseBackupsMarkdown } from '../base-backups';
import { archiverMarkdown } from '../replication-lag/lag-evidence';
import { archiveHabit, programOf, restoreCommandFor } from './archive-command';
import type { BackupEvidence } from './backup-evidence';

/** The archiver, how much is on this server only, and what waits. */
export function archiveMarkdown({ archiver, age, backlog }: BackupEvidence): string {
  if (!archiver) return archiverMarkdown(undefined);
  const lines = [archiverMarkdown(archiver)];
  if (archiver.mode === 'off') return lines.join('');
  if (archiver.failures > 0)
    lines.push(
      `${formatCount(archiver.failures, 'failed attempt')} since the statistics began (the number never falls). The message of the command is in the log of the server, not in SQL.`,
    );
  if (age) {
    const seconds = exposedSeconds(age);
    const bytes = age.bytes === null ? '' : ` (${formatBytes(Math.max(0, age.bytes))} of WAL)`;
    lines.push(
      seconds === null
        ? 'How much is on this server only is not known: nothing was archived yet.'
        : `On this server only: **${formatDuration(seconds)}**${bytes}; the guide's RPO is 15 min.`,
    );
  }
  lines.push(
    backlog === null
      ? 'What waits to be archived is hidden from this role: grant it `pg_monitor`.'
      : `${formatCount(backlog.ready, 'segment waits', 'segments wait')} to be archived; ${formatBytes(backlog.walBytes)} of WAL on disk (\`max_wal_size\` ${formatBytes(backlog.maxWalBytes)}).`,
  );
  return lines.join('\n\n');
}

const habits = {
  refuses: 'refuses to overwrite, by its text',
  overwrites: '**overwrites what is there, by its text**',
  unknown: 'whether it overwrites cannot be told from its text: try it with a file that is there',
} as const;

/** The settings with what the guide asks for. The command itself may hold secrets and is not shown. */
export function settingsMarkdown({ settings, capacity, recovery }: BackupEvidence): string {
  const { archiveCommand, archiveLibrary, archiveTimeoutS, archiveMode, walLevel, checksums } = settings;
  const command =
    archiveCommand === null
      ? 'hidden from this role'
      : archiveCommand === '' || archiveCommand === '(disabled)'
        ? 'none'
        : `${inlineCode(programOf(archiveCommand))} …, ${habits[archiveHabit(archiveCommand)]}`;
  const rows = [
    ['`wal_level`', inlineCode(walLevel), 'replica or logical', 'RESTART'],
    ['`archive_mode`', inlineCode(archiveMode), 'on', 'RESTART'],
    ['`archive_command`', command, 'ends with 0 only when the file is safe; refuses to overwrite', 'reload'],
    ...(archiveLibrary ? [['`archive_library`', inlineCode(archiveLibrary), 'instead of a command', 'reload']] : []),
    [
      '`archive_timeout`',
      archiveTimeoutS === 0 ? '**0: a segment waits until it is full**' : formatDuration(archiveTimeoutS),
      '15 min or less, or the RPO does not hold',
      'reload',
    ],
    [
      '`max_slot_wal_keep_size`',
      capacity.slotsLimited === null ? 'not before 13' : capacity.slotsLimited ? 'set' : '**no limit but the disk**',
      'a limit',
      'reload',
    ],
    ['data checksums', checksums ? 'on' : '**off**', 'on: damage is seen when it is read', 'pg\\_checksums, stopped'],
    ['timeline', String(settings.timeline), recovery.inRecovery ? 'of the original' : 'rises with each promotion', ''],
  ];
  return [
    markdownTable(['Setting', 'Here', 'Wanted', 'Changes by'], rows),
    `What brings a segment back, by the program that archives it: ${inlineCode(restoreCommandFor(archiveCommand))}`,
  ].join('\n\n');
}

/** Base backups as far as the server tells, which is not much. */
export function backupsMarkdown({ backups, label, seesLabels, settings, recovery }: BackupEvidence): string {
  const last = recovery.inRecovery
    ? 'Labels of backups are on the primary.'
    : label !== null
      ? `The last base backup of this server ended **${formatDuration(label.ageS)} ago** (${inlineCode(label.file)} in pg\\_wal).`
      : settings.archiveMode === 'off'
        ? 'How old the last base backup is is **not known**: without archiving its end leaves no trace in the server.'
        : seesLabels
          ? 'pg\\_wal holds no label of a base backup: none was taken from this server that is known here.'
          : 'How old the last base backup is is **not known:** labels are hidden from this role, grant it `pg_monitor`.';
  return [
    baseBackupsMarkdown(backups),
    last,
    'The server knows neither where a backup is, nor whether it is whole, nor of those from a standby or a snapshot. Ask the tool (`pgbackrest info`, `wal-g backup-list`, `barman list-backup`); this panel does not read it yet.',
  ].join('\n\n');
}

/** This server's own recovery, for a copy that is being restored. */
export function recoveryMarkdown({ recovery }: BackupEvidence): string {
  const { inRecovery, paused, target, action, receiving, replayedAt, replayedLsn, hasRestoreCommand } = recovery;
  if (!inRecovery) return `This server is not in recovery: it takes writes, on timeline ${recovery.timeline}.`;
  const rows = [
    ['Target', target === null ? 'none: it is a standby' : escapeMarkdown(target)],
    ['At the target', escapeMarkdown(action)],
    ['Replay', paused ? '**paused**' : 'goes on'],
    ['Last replayed transaction', replayedAt === null ? 'none yet' : escapeMarkdown(replayedAt)],
    ['Replayed up to', escapeMarkdown(replayedLsn ?? 'not known')],
    [
      'WAL comes from',
      receiving ? 'a primary' : hasRestoreCommand ? 'the archive' : '**nowhere: no restore\\_command**',
    ],
  ];
  return markdownTable(['Recovery', 'State'], rows);
}
