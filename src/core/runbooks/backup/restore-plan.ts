import { formatBytes, formatDuration } from '../../format/quantities';
import { quoteQualified } from '../../sql/identifier';
import { fenced, inlineCode } from '../markdown';
import { atLeastOnStandby } from '../scaling/capacity';
import { restoreCommandFor } from './archive-command';
import type { BackupEvidence } from './backup-evidence';
import { targetText } from './target-time';

const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/**
 * The settings of a copy that is restored to a point in time, for 12 to 18: they stand in postgresql.auto.conf beside an
 * empty recovery.signal. `target` in ms since the epoch; null: a place to be filled in.
 */
export function restoreSettings({ settings, capacity }: BackupEvidence, target: number | null): string {
  const at = target === null ? 'YYYY-MM-DD HH:MM:SS+00' : targetText(target);
  return [
    `restore_command = ${quoted(restoreCommandFor(settings.archiveCommand))}`,
    `recovery_target_time = ${quoted(at)}`,
    "recovery_target_action = 'pause'",
    "recovery_target_timeline = 'latest'",
    '# the copy must not write into the archive of the original',
    'archive_mode = off',
    '# at least as on this server, else it does not start',
    ...atLeastOnStandby.map((name) => `${name} = ${capacity.atLeastOnStandby[name] ?? 'AS ON THE PRIMARY'}`),
  ].join('\n');
}

/** The procedure as a checklist with this server's values, in Markdown. `now` in ms since the epoch. */
export function restorePlan(evidence: BackupEvidence, target: number | null, major: number, now: number): string {
  const { settings } = evidence;
  const verify =
    major >= 13
      ? `\`pg_verifybackup DIRECTORY\` says that it is whole${major >= 18 ? '' : ' (a backup as tar is unpacked first)'}`
      : 'There is no `pg_verifybackup` before 13: only the start tells whether it is whole';
  const spaces =
    settings.tablespaces.length === 0
      ? []
      : [
          `- ☐ Tablespaces have places of their own (${settings.tablespaces.map(inlineCode).join(', ')}): on the same machine map each to another one, or the copy destroys the original`,
        ];
  return [
    ...targetWarning(evidence, target, now),
    [
      '- ☐ Applications are stopped or kept away; nobody deletes the damaged server',
      '- ☐ The newest base backup that ENDED before the target is chosen. An earlier target does not fail: it stops at the first consistent moment, with too much in it',
      `- ☐ It is unpacked into an EMPTY directory of another machine or port, with PostgreSQL ${major}. A dump (\`pg_restore\`) takes no WAL: the guide errs there`,
      `- ☐ ${verify}`,
      ...spaces,
      '- ☐ These settings stand at the end of its `postgresql.auto.conf`, with the places in capitals filled in:',
    ].join('\n'),
    fenced(restoreSettings(evidence, target), 'ini'),
    [
      '- ☐ An empty file `recovery.signal` stands in the directory. A `recovery.conf`, which the guide writes, keeps every server since 12 from starting',
      '- ☐ pg\\_hba.conf of the copy lets in only those who look at the data',
      '- ☐ It is started. "Started" is said when it is consistent, which is BEFORE the target',
      `- ☐ It is paused at the target, and the last replayed transaction is the right one:`,
    ].join('\n'),
    fenced(checks(major), 'sql'),
    [
      '- ☐ The data are right (smoke test, probes below), read-only',
      '- ☐ The recovery is ended: open this runbook on the copy, _Act: end the recovery_; a new timeline begins',
      '- ☐ `archive_mode` is on again, into a place of its own, and a **new base backup** is taken',
      '- ☐ Applications lead to it; standbys are built anew',
    ].join('\n'),
  ].join('\n\n');
}

/** What is read on the copy, as its own runbook reads it. */
function checks(major: number): string {
  return [
    'SELECT pg_is_in_recovery();                 -- true until the recovery is ended',
    major >= 14
      ? "SELECT pg_get_wal_replay_pause_state();     -- 'paused' at the target"
      : 'SELECT pg_is_wal_replay_paused();           -- true at the target',
    'SELECT pg_last_xact_replay_timestamp(), pg_last_wal_replay_lsn();',
  ].join('\n');
}

function targetWarning({ age, label }: BackupEvidence, target: number | null, now: number): readonly string[] {
  if (target === null) return [];
  const warnings: string[] = [];
  const archivedS = age?.ageS ?? null;
  if (archivedS !== null && target > now - archivedS * 1000 && (age?.bytes ?? 1) > 0)
    warnings.push(
      `**Not archived yet:** the last segment was archived ${formatDuration(archivedS)} ago, before the target. While this server lives, switch a segment first; else copy its pg\\_wal to the copy.`,
    );
  if (label !== null && target < now - label.ageS * 1000)
    warnings.push(
      `**An older base backup is needed:** the last one of this server ended ${formatDuration(label.ageS)} ago, after the target.`,
    );
  return warnings;
}

/** The drill with its record, in Markdown. */
export function drillPlan({ tables, sizes, label, settings }: BackupEvidence): string {
  const known = sizes.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]));
  const bytes = known.reduce((sum, size) => sum + size, 0);
  const hidden = sizes.length - known.length;
  const probes = tables.map(({ schema, name }) => {
    const table = quoteQualified(schema, name);
    return `SELECT ${quoted(`${schema}.${name}`)} AS probe, count(*) FROM ${table};`;
  });
  return [
    `A base backup takes about **${formatBytes(bytes)}**${hidden > 0 ? ` and ${hidden} databases that this role may not measure` : ''}. The guide's RTO is 1 hour: base / restore rate + WAL / replay rate, with the rates of the last drill. Without a drill the RTO is not known.`,
    [
      '- ☐ **Weekly:** restore the newest backup into a test server, compare schema and sample data',
      '- ☐ **Monthly:** all of the checklist above with a target an hour back, by the clock, and the record below',
      '- ☐ WAL is kept from the oldest kept base backup on: 7 days of WAL cannot restore a backup of 30 days, as the guide has it',
      '- ☐ A dump has its own drill: `pg_restore -l` lists it; `pg_restore -t`, as the guide has it, brings a table without its indexes and constraints',
    ].join('\n'),
    '**Probes,** on the original before and on the copy at its target:',
    fenced(probes.length === 0 ? '-- this database has no table to count' : probes.join('\n'), 'sql'),
    '**Record of the drill,** to be filled in and kept:',
    [
      '| Part | Value |',
      '| --- | --- |',
      `| Base backup | ${label === null ? '' : inlineCode(label.file)} |`,
      '| `sha256sum backup_manifest` | |',
      '| Target, and last replayed transaction | |',
      '| Base restored in, verified in | |',
      '| WAL replayed: bytes, in | |',
      '| Ended and open for writes after | |',
      '| Probes equal, smoke test | |',
      `| PostgreSQL, timeline before and after | ${inlineCode(settings.version)}, ${settings.timeline} → |`,
      '| Pass or fail, who, when | |',
    ].join('\n'),
  ].join('\n\n');
}
