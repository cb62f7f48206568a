import { formatBytes, formatCount, formatDuration } from '../../format/quantities';
import { exposedSeconds } from '../../health/checks/archive-age';
import { isFailing } from '../../health/checks/archiver';
import type { Slot } from '../../health/checks/slots';
import { standardOf } from '../../health/standard-limits';
import type { Measure } from '../measures';
import type { Verdict } from '../verdict';
import { archiveHabit, programOf } from './archive-command';
import type { BackupEvidence } from './backup-evidence';

export type BackupCause =
  | 'at-target'
  | 'restoring'
  | 'standby'
  | 'no-command'
  | 'failing'
  | 'never-archived'
  | 'exposed'
  | 'backlog'
  | 'wal-kept'
  | 'off'
  | 'overwrites'
  | 'no-timeout'
  | 'no-backup'
  | 'none';

/** The guide's RPO and what it warns at, in s; standard-limits.ts. */
const rpo = standardOf('archive-age.exposed');
const waiting = standardOf('wal-backlog.ready');
/** The guide takes a backup every day. In s, with an hour for its own length. */
const dayS = 25 * 3600;

type Found = Verdict<BackupCause>;

/** Can this server be restored to a quarter of an hour ago, and if not, why. */
export function backupVerdict(evidence: BackupEvidence): { readonly main: Found; readonly others: readonly Found[] } {
  const { recovery } = evidence;
  if (recovery.inRecovery) return { main: inRecovery(evidence), others: [] };
  const found = [
    ...archiving(evidence),
    ...exposed(evidence),
    ...backlog(evidence),
    ...walKept(evidence),
    ...habits(evidence),
    ...lastBackup(evidence),
  ];
  const [main, ...others] = found;
  return main ? { main, others } : { main: nothing(evidence), others: [] };
}

function inRecovery({ recovery }: BackupEvidence): Found {
  const at = recovery.replayedAt === null ? 'no transaction replayed yet' : `replayed up to ${recovery.replayedAt}`;
  if (recovery.target === null)
    return {
      cause: 'standby',
      headline: `This is a standby: its primary archives (${at})`,
      lines: ['A standby is no backup: what is deleted on the primary is deleted here at once.'],
      next: { step: 'why', words: 'Open this runbook on the primary.' },
    };
  if (!recovery.paused)
    return {
      cause: 'restoring',
      headline: `A restore is on its way to ${recovery.target}: ${at}`,
      lines: [
        'pg_ctl says "started" as soon as the copy is consistent, BEFORE the target. It is reached when replay is paused.',
        'Where the archive ends before the target, the server stops with FATAL (13+; 12 opens for writes): watch its log.',
      ],
      next: { step: 'recovery', words: 'Run the cell of the recovery again until it is paused.' },
    };
  return {
    cause: 'at-target',
    headline: `The restore is paused at ${recovery.target}: ${at}`,
    lines: [
      'Look at the data now, read-only. Is it the wrong moment, stop the server, set a LATER target and start it; for an earlier one the base backup must be restored anew.',
      recovery.action === 'pause'
        ? 'Resumed, the recovery ENDS: the server opens for writes on a new timeline.'
        : `recovery_target_action is ${recovery.action}.`,
    ],
    next: { step: 'resume', words: 'When the data are right, end the recovery; then take a new base backup.' },
  };
}

function archiving({ archiver, settings }: BackupEvidence): readonly Found[] {
  if (!archiver) return [];
  if (archiver.mode === 'off')
    return [
      {
        cause: 'off',
        headline: 'WAL is not archived: a restore goes back to the last base backup or dump, and no further',
        lines: [
          `archive_mode is off, wal_level is ${settings.walLevel}. The RPO of 15 minutes cannot hold.`,
          'ALTER SYSTEM SET archive_mode = on; with an archive_command that refuses to overwrite, and archive_timeout = 900; then RESTART. pgBackRest, WAL-G and Barman bring such commands.',
        ],
        next: { step: 'settings', words: 'Set up the archive, then take a base backup.' },
      },
    ];
  if (archiver.hasCommand === false)
    return [
      {
        cause: 'no-command',
        headline: 'archive_mode is on, and there is nothing to archive with',
        lines: ['WAL is kept until the disk is full, and then the server stops.'],
        next: { step: 'settings', words: 'Set archive_command or archive_library; a reload is enough.' },
      },
    ];
  if (isFailing(archiver))
    return [
      {
        cause: 'failing',
        headline: `Archiving FAILS at ${archiver.lastFailed ?? 'a segment'}${archiver.archivedS === null ? ', and nothing was ever archived' : `; the last success was ${formatDuration(archiver.archivedS)} ago`}`,
        lines: [
          `The last attempt was ${formatDuration(archiver.failedS ?? 0)} ago. SQL does not tell why: the message of the command stands in the log of the server ("archive command failed").`,
          'Usual: no room or no right at the place, expired credentials, a segment that is there already with another content. Never delete files of pg_wal by hand.',
          'It tries again by itself, at the latest after a minute; a reload makes it try at once.',
        ],
        next: { step: 'settings', words: 'Mend what the log says; then switch a segment and see it arrive.' },
      },
    ];
  if (archiver.archivedS === null)
    return [
      {
        cause: 'never-archived',
        headline: 'Nothing was archived yet',
        lines: ['Whether the command works is not known before the first segment.'],
        next: { step: 'switch', words: 'Switch a segment and see it arrive.' },
      },
    ];
  return [];
}

function exposed({ age, archiver }: BackupEvidence): readonly Found[] {
  if (!age || !archiver || age.mode === 'off' || isFailing(archiver)) return [];
  const seconds = exposedSeconds(age);
  if (seconds === null || seconds <= rpo.warning) return [];
  return [
    {
      cause: 'exposed',
      headline: `${formatDuration(seconds)} of work are on this server only; the RPO is ${formatDuration(rpo.critical)}`,
      lines: [
        age.timeoutS === 0
          ? 'archive_timeout is 0: on a quiet server a segment waits for hours until it is full.'
          : `archive_timeout is ${formatDuration(age.timeoutS)}: the archiver does not keep up, or hangs.`,
      ],
      next: { step: 'switch', words: 'Switch a segment now and see it arrive; then set archive_timeout.' },
    },
  ];
}

function backlog({ backlog: wal }: BackupEvidence): readonly Found[] {
  if (!wal?.archives || wal.ready <= waiting.warning) return [];
  return [
    {
      cause: 'backlog',
      headline: `${formatCount(wal.ready, 'segment waits', 'segments wait')} to be archived`,
      lines: [
        'Archiving is slower than writing: compress, archive in parallel (pgBackRest, WAL-G), or look at the link.',
      ],
      next: { step: 'archive', words: 'Read it again in a minute: does it grow?' },
    },
  ];
}

function walKept({ backlog: wal, slots, archiver }: BackupEvidence): readonly Found[] {
  if (!wal || wal.walBytes <= 2 * wal.maxWalBytes) return [];
  const keeper = worstSlot(slots);
  const byArchiver =
    archiver !== null && archiver.mode !== 'off' && (isFailing(archiver) || wal.ready > waiting.warning);
  return [
    {
      cause: 'wal-kept',
      headline: `${formatBytes(wal.walBytes)} of WAL are kept on disk (max_wal_size ${formatBytes(wal.maxWalBytes)})`,
      lines: [
        byArchiver
          ? 'The archiver keeps it: no segment goes before it is archived.'
          : keeper
            ? `Slot ${keeper.name} keeps ${formatBytes(keeper.retainedBytes ?? 0)}${keeper.active ? '' : ', and has no consumer'}.`
            : 'No slot and no archiver keeps that much: wal_keep_size, or a checkpoint that has not come yet.',
        'When the disk is full the server stops.',
      ],
      next: byArchiver
        ? { step: 'settings', words: 'Let archiving work again.' }
        : { step: 'slots', words: 'See what each slot keeps; the Replication Lag runbook drops one.' },
    },
  ];
}

/** The slot that keeps most. */
export function worstSlot(slots: readonly Slot[]): Slot | undefined {
  return slots
    .filter(({ retainedBytes }) => (retainedBytes ?? 0) > 64 * 1024 ** 2)
    .toSorted((a, b) => (b.retainedBytes ?? 0) - (a.retainedBytes ?? 0))[0];
}

function habits({ settings, archiver }: BackupEvidence): readonly Found[] {
  const { archiveCommand, archiveTimeoutS } = settings;
  if (!archiver || archiver.mode === 'off') return [];
  const found: Found[] = [];
  if (archiveCommand !== null && archiveHabit(archiveCommand) === 'overwrites')
    found.push({
      cause: 'overwrites',
      headline: `The archive_command (${programOf(archiveCommand)}) overwrites what is there, by its text`,
      lines: [
        "The guide's `aws s3 cp` does. Two servers that archive into one place, as after a failover, destroy what a restore needs.",
      ],
      next: { step: 'settings', words: 'Let it refuse: pgBackRest, WAL-G, or `test ! -f DIR/%f && cp %p DIR/%f`.' },
    });
  if (archiveTimeoutS === 0)
    found.push({
      cause: 'no-timeout',
      headline: 'archive_timeout is 0: the RPO of 15 minutes holds only while much is written',
      lines: [
        'The guide names the RPO and forgets the setting: ALTER SYSTEM SET archive_timeout = 900; SELECT pg_reload_conf();',
      ],
      next: { step: 'settings', words: 'Set it; a reload is enough.' },
    });
  return found;
}

function lastBackup({ label, seesLabels, archiver, backups }: BackupEvidence): readonly Found[] {
  if (!archiver || archiver.mode === 'off' || !seesLabels || (backups?.length ?? 0) > 0) return [];
  if (label !== null && label.ageS <= dayS) return [];
  return [
    {
      cause: 'no-backup',
      headline:
        label === null
          ? 'No base backup was taken from this server that its WAL would tell of'
          : `The last base backup of this server ended ${formatDuration(label.ageS)} ago; the guide takes one a day`,
      lines: [
        'One that was taken from a standby, or a snapshot of the disk, leaves no trace here: ask the tool that takes them. WAL without a base backup before it restores nothing.',
      ],
      next: { step: 'backups', words: 'Ask the tool; else take one with pg_basebackup.' },
    },
  ];
}

function nothing({ label }: BackupEvidence): Found {
  return {
    cause: 'none',
    headline: 'WAL is archived within the RPO',
    lines: [
      label === null
        ? 'Whether there is a base backup to begin with is NOT known here: ask the tool that takes them.'
        : `The last base backup of this server ended ${formatDuration(label.ageS)} ago. Whether it is still there and can be restored only a drill tells.`,
    ],
  };
}

/** The numbers that must get better. A base backup is none of them: it cannot be known for sure. */
export function backupMeasures({
  recovery,
  archiver,
  age,
  backlog: wal,
  settings,
}: BackupEvidence): readonly Measure[] {
  if (recovery.inRecovery)
    return [
      {
        name: 'Recovery',
        shown: recovery.target === null ? 'a standby' : recovery.paused ? 'paused at its target' : 'on its way',
        good: null,
      },
    ];
  const off = archiver === null || archiver.mode === 'off';
  const seconds = age && !off ? exposedSeconds(age) : null;
  const failing = archiver !== null && isFailing(archiver);
  return [
    {
      name: 'Archiving',
      shown: off ? 'off' : failing ? 'FAILS' : archiver.archivedS === null ? 'nothing archived yet' : 'works',
      good: !off && !failing && archiver.archivedS !== null && archiver.hasCommand !== false,
    },
    {
      name: 'Work on this server only',
      shown: seconds === null ? null : formatDuration(seconds),
      good: seconds === null ? null : seconds <= rpo.critical,
    },
    {
      name: 'Segments that wait to be archived',
      shown: wal === null ? null : String(wal.ready),
      good: wal === null ? null : wal.ready <= waiting.warning,
    },
    {
      name: 'WAL on disk',
      shown: wal === null ? null : formatBytes(wal.walBytes),
      good: wal === null ? null : wal.walBytes <= 2 * wal.maxWalBytes,
    },
    {
      name: 'archive_timeout',
      shown: settings.archiveTimeoutS === 0 ? '0' : formatDuration(settings.archiveTimeoutS),
      good: off || (settings.archiveTimeoutS > 0 && settings.archiveTimeoutS <= rpo.critical),
    },
  ];
}
