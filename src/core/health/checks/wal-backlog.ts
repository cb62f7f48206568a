import { formatBytes, formatCount } from '../../format/quantities';
import { flag, number, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { above, measured } from '../finding';
import { standardOf } from '../standard-limits';

export interface WalBacklog {
  /** archive_mode is not off. */
  readonly archives: boolean;
  /** Segments that wait to be archived. */
  readonly ready: number;
  readonly walBytes: number;
  readonly maxWalBytes: number;
}

/** The functions are granted to pg_monitor; 12 to 18. */
export const walBacklogStatement: Statement<WalBacklog> = {
  name: 'WAL on disk',
  text: `
SELECT current_setting('archive_mode') <> 'off' AS archives,
  (SELECT count(*) FROM pg_catalog.pg_ls_archive_statusdir() AS s WHERE s.name LIKE '%.ready')::float8 AS ready,
  (SELECT sum(w.size) FROM pg_catalog.pg_ls_waldir() AS w WHERE w.name ~ '^[0-9A-F]{24}$')::float8 AS wal_bytes,
  pg_catalog.pg_size_bytes(current_setting('max_wal_size'))::float8 AS max_wal_bytes`,
  row: (raw: RawRow) => ({
    archives: flag(raw, 'archives'),
    ready: number(raw, 'ready'),
    walBytes: number(raw, 'wal_bytes'),
    maxWalBytes: number(raw, 'max_wal_bytes'),
  }),
};

export const walBacklog: CheckDefinition<WalBacklog> = {
  id: 'wal-backlog',
  group: 'backups',
  title: 'WAL on disk',
  explanation: 'WAL that waits to be archived or that a slot keeps fills the disk; a full disk stops the server.',
  runbook: 'backup',
  tierMs: tiers.minute,
  needsFullView: true,
  read: (query) => query(walBacklogStatement),
  evaluate: ({ now: { rows } }, { limits }) =>
    rows.flatMap(({ archives, ready, walBytes, maxWalBytes }) => {
      const waiting = limits('wal-backlog.ready', standardOf('wal-backlog.ready'));
      // max_wal_size is a soft limit: beyond its double something keeps WAL.
      const kept = limits('wal-backlog.bytes', above(2 * maxWalBytes, 10 * maxWalBytes));
      return [
        // Where nothing is archived, "nothing waits" would sound like good news.
        ...(archives || ready > 0
          ? [
              measured('wal-backlog.ready', '', ready, 'count', waiting, {
                words:
                  ready === 0 ? 'no segment waits to be archived' : `${formatCount(ready, 'segment')} to be archived`,
              }),
            ]
          : []),
        measured('wal-backlog.bytes', '', walBytes, 'bytes', kept, {
          words: `${formatBytes(walBytes)} of WAL on disk (max_wal_size ${formatBytes(maxWalBytes)})`,
          lines: ['Slots, a failing archiver and wal_keep_size keep more than max_wal_size.'],
        }),
      ];
    }),
};
