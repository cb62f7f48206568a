import { formatPercent } from '../format/numbers';
import { formatBytes } from '../format/quantities';
import { number, numberOrNull, text, type RawRow } from '../ports/row';
import type { Statement } from '../ports/session';
import { escapeMarkdown, markdownTable } from './markdown';

/** A base backup that is being taken. */
export interface BaseBackup {
  readonly pid: number;
  readonly phase: string;
  /** Null while the checkpoint runs, and where no estimate was asked for. */
  readonly totalBytes: number | null;
  readonly doneBytes: number;
}

/** 13 to 18; 12 does not tell. */
export const baseBackupsStatement: Statement<BaseBackup> = {
  name: 'base backups at work',
  text: `
SELECT b.pid, b.phase, nullif(b.backup_total, 0)::float8 AS total, b.backup_streamed::float8 AS done
FROM pg_catalog.pg_stat_progress_basebackup AS b ORDER BY b.pid`,
  row: (raw: RawRow) => ({
    pid: number(raw, 'pid'),
    phase: text(raw, 'phase'),
    totalBytes: numberOrNull(raw, 'total'),
    doneBytes: numberOrNull(raw, 'done') ?? 0,
  }),
};

export function baseBackupsMarkdown(backups: readonly BaseBackup[] | null): string {
  if (backups === null) return 'Whether a base backup runs is not told before PostgreSQL 13.';
  if (backups.length === 0) return 'No base backup runs now.';
  return markdownTable(
    ['Base backup of session', 'Phase', 'Sent', 'Of', 'Done'],
    backups.map(({ pid, phase, totalBytes, doneBytes }) => [
      String(pid),
      escapeMarkdown(phase),
      formatBytes(doneBytes),
      totalBytes === null ? 'not estimated' : formatBytes(totalBytes),
      totalBytes === null ? 'not known' : formatPercent(Math.min(100, (100 * doneBytes) / totalBytes)),
    ]),
  );
}
