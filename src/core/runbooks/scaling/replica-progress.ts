import type { Slot } from '../../health/checks/slots';
import type { BaseBackup } from '../base-backups';
import { escapeMarkdown, fenced, inlineCode, markdownTable } from '../markdown';
import type { Capacity } from './capacity';
import { delayWords, isFit, type Follower } from './replay-delay';
import { fitMs } from './scaling-verdict';

export interface ReplicaEvidence {
  readonly slots: readonly Slot[];
  readonly followers: readonly Follower[];
  /** Null before 13. */
  readonly backups: readonly BaseBackup[] | null;
}

const box = (done: boolean, words: string): string => `- [${done ? 'x' : ' '}] ${words}`;

/** What must be there before a replica can be made, ticked by what the server says. */
export function preconditionsMarkdown(capacity: Capacity): string {
  const { walLevel, walSenders, atLeastOnStandby, slots, maxSlots, slotsLimited } = capacity;
  const most = atLeastOnStandby['max_wal_senders'] ?? 0;
  return [
    box(walLevel !== 'minimal', `\`wal_level\` is ${inlineCode(walLevel)} (replica or logical; RESTART)`),
    box(
      most - walSenders >= 2,
      `${walSenders} of ${most} walsenders are taken; a base backup that streams its WAL takes two, the standby one (\`max_wal_senders\`, RESTART)`,
    ),
    box(slots < maxSlots, `${slots} of ${maxSlots} slots are taken (\`max_replication_slots\`, RESTART)`),
    box(
      slotsLimited === true,
      slotsLimited === null
        ? 'What a slot keeps cannot be limited before PostgreSQL 13: a standby that goes away fills the disk'
        : '`max_slot_wal_keep_size` limits what a slot keeps; without it a standby that goes away fills the disk of the primary (reload)',
    ),
    box(false, 'A role with REPLICATION, and a line `host replication …` for the new machine in pg_hba.conf (reload)'),
    box(false, 'The new machine is like the primary (memory, disk), of the same major version, with the same clock'),
  ].join('\n');
}

/** Each physical slot on its way to a replica that serves reads, and what is seen of the way. */
export function progressMarkdown(evidence: ReplicaEvidence): string {
  const { slots, followers, backups } = evidence;
  const physical = slots.filter(({ logical }) => !logical);
  const rows = physical.map((slot) => {
    const follower = followers.find((one) => one.slot === slot.name);
    return [inlineCode(slot.name), 'yes', backupOf(follower, backups), streamsOf(slot, follower), lagOf(follower)];
  });
  const bare = followers
    .filter(({ slot, kind }) => slot === null && kind === 'standby')
    .map((follower) => [
      `${escapeMarkdown(follower.name)}, **no slot**`,
      'no',
      backupOf(follower, backups),
      'yes',
      lagOf(follower),
    ]);
  const all = [...rows, ...bare];
  if (all.length === 0) return 'There is no physical slot and no standby yet: begin with the slot.';
  return markdownTable(['Replica', '1. Slot made', '2. Base backup', '3. Streams', `4. Lag below ${fitMs} ms`], all);
}

function backupOf(follower: Follower | undefined, backups: readonly BaseBackup[] | null): string {
  if (follower?.kind === 'standby') return 'yes: a standby runs on it';
  if (follower?.kind === 'receives only') return '**WAL of a base backup, or an archive, is being received**';
  if (backups === null) return 'not told before 13';
  return backups.length > 0 ? 'one runs, see below' : 'not seen';
}

function streamsOf(slot: Slot, follower: Follower | undefined): string {
  if (follower?.kind === 'standby') return 'yes';
  if (follower?.kind === 'hidden') return 'hidden from this role';
  if (follower) return '**not yet: nothing is replayed**';
  return slot.active ? 'something else uses it' : '**no**';
}

function lagOf(follower: Follower | undefined): string {
  if (follower?.kind !== 'standby') return 'not yet';
  const fit = isFit(follower, fitMs);
  return `${fit === null ? '' : fit ? 'yes: ' : '**no**: '}${delayWords(follower)}`;
}

/** The command that makes the replica, with what is known of this server filled in. */
export function baseBackupCommand(host: string, port: number, slot: string): string {
  return fenced(
    [
      '# on the new machine, as the account of the server; the password from ~/.pgpass, never on the command line',
      `pg_basebackup -h ${shellWord(host)} -p ${port} -U REPLICATION_ROLE -D DATA_DIRECTORY \\`,
      `  -S ${shellWord(slot)} -X stream -R -c fast -P`,
      'pg_verifybackup DATA_DIRECTORY',
      '# max_connections and its kin at least as on the primary; then start, and look here again',
      'pg_ctl -D DATA_DIRECTORY -w start',
    ].join('\n'),
    'sh',
  );
}

/** Anything that a shell would take for more than letters is put in quotes. */
export function shellWord(text: string): string {
  return /^[\w.:@%/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
