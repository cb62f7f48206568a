/** What a command that archives does with a file that is there already, as far as its text tells. */
export type ArchiveHabit = 'refuses' | 'overwrites' | 'unknown';

/** Tools that compare with what is there. */
const careful = /^(?:pgbackrest|wal-g|barman-wal-archive|barman-cloud-wal-archive|pg_probackup)$/;
/** Programs that put a new file in the place of an old one without a word. */
const careless =
  /\b(?:cp|mv|scp|rsync|aws\s+s3\s+(?:cp|mv|sync)|gsutil\s+cp|gcloud\s+storage\s+cp|rclone\s+copy(?:to)?)\b/;
const guard = /\btest\s+!\s+-[ef]\b|\[\s+!\s+-[ef]\b|--ignore-existing|--if-none-match|--immutable|\s-[ni]\s/;

/**
 * Whether it overwrites silently, as the guide's `aws s3 cp` does: two servers that archive into one place, or a timeline
 * that comes back, destroy what a restore needs.
 */
export function archiveHabit(command: string): ArchiveHabit {
  if (careful.test(programOf(command))) return 'refuses';
  if (guard.test(command)) return 'refuses';
  return careless.test(command) ? 'overwrites' : 'unknown';
}

/** The program alone: what follows it may hold secrets. */
export function programOf(command: string): string {
  const words = command.trim().split(/\s+/);
  // A variable of the environment in front may hold one too.
  const first = words.find((word) => !/^\w+=/.test(word) && word !== 'env') ?? '';
  const name = first.replace(/^['"]|['"]$/g, '');
  return name.slice(name.lastIndexOf('/') + 1);
}

/** A command that brings a segment back from where this one puts it, with the places to be filled in. */
export function restoreCommandFor(archiveCommand: string | null): string {
  const program = archiveCommand === null ? '' : programOf(archiveCommand);
  switch (program) {
    case 'pgbackrest':
      return 'pgbackrest --stanza=STANZA archive-get %f "%p"';
    case 'wal-g':
      return 'wal-g wal-fetch "%f" "%p"';
    case 'barman-wal-archive':
      return 'barman-wal-restore BARMAN_HOST SERVER %f %p';
    case 'aws':
      return 'aws s3 cp s3://BUCKET/PATH/%f "%p"';
    case 'gsutil':
    case 'gcloud':
      return `${program === 'gsutil' ? 'gsutil cp' : 'gcloud storage cp'} gs://BUCKET/PATH/%f "%p"`;
    default:
      return 'cp ARCHIVE/%f "%p"';
  }
}
