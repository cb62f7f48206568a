import { formatBytes, formatDuration } from '../../format/quantities';
import { flag, number, numberOrNull, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { measured, stated } from '../finding';
import { standardOf } from '../standard-limits';

/** How much WAL is only on this server. */
export interface ArchiveAge {
  readonly mode: string;
  /** Since the last archived segment, in s; null: none yet. */
  readonly ageS: number | null;
  /** WAL written after the last archived segment; null where that cannot be told. */
  readonly bytes: number | null;
  readonly segmentBytes: number;
  /** archive_timeout in s; 0: a segment waits until it is full. */
  readonly timeoutS: number;
  readonly failing: boolean;
}

/**
 * The end of the last archived segment against the present position, for 12 to 18. The label of a backup is archived
 * after the segment it is named for. A timeline's history, and another timeline, tell nothing: bytes are NULL then.
 */
export const archiveAgeStatement: Statement<ArchiveAge> = {
  name: 'age of the last archived WAL',
  text: `
WITH a AS (SELECT s.*, s.last_archived_wal ~ '^[0-9A-F]{24}([.][0-9A-F]{8}[.]backup)?$' AS is_segment,
    (SELECT c.setting::int8 FROM pg_catalog.pg_settings AS c WHERE c.name = 'wal_segment_size') AS segment
  FROM pg_catalog.pg_stat_archiver AS s)
SELECT current_setting('archive_mode') AS mode, extract(epoch FROM clock_timestamp() - a.last_archived_time)::float8 AS age_s,
  CASE WHEN a.is_segment AND left(a.last_archived_wal, 8) = left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8)
    THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0'::pg_lsn)
      - (('x' || substr(a.last_archived_wal, 9, 8))::bit(32)::int8 * 4294967296
        + (('x' || substr(a.last_archived_wal, 17, 8))::bit(32)::int8 + 1) * a.segment) END::float8 AS bytes, a.segment::float8 AS segment_bytes,
  (SELECT c.setting::int FROM pg_catalog.pg_settings AS c WHERE c.name = 'archive_timeout') AS timeout_s,
  a.last_failed_time IS NOT NULL AND a.last_failed_time > coalesce(a.last_archived_time, '-infinity') AS failing
FROM a`,
  row: (raw: RawRow) => ({
    mode: text(raw, 'mode'),
    ageS: numberOrNull(raw, 'age_s'),
    bytes: numberOrNull(raw, 'bytes'),
    segmentBytes: number(raw, 'segment_bytes'),
    timeoutS: number(raw, 'timeout_s'),
    failing: flag(raw, 'failing'),
  }),
};

const signal = 'archive-age.exposed';
/** A segment is switched and archived within the time-out and this, in s. */
const slackS = 60;

export const archiveAge: CheckDefinition<ArchiveAge> = {
  id: 'archive-age',
  group: 'backups',
  title: 'Age of the last archived WAL',
  explanation:
    'What was written since the last archived segment is lost with this server (the RPO). With archive_timeout = 0 a segment waits until it is full.',
  runbook: 'backup',
  tierMs: tiers.minute,
  absent: (server) => (server.inRecovery ? 'The primary archives.' : null),
  read: (query) => query(archiveAgeStatement),
  evaluate: ({ now: { rows } }, { limits }) => {
    const state = rows[0];
    if (!state || state.mode === 'off') return [];
    const threshold = limits(signal, standardOf(signal));
    const goal = `RPO ${formatDuration(threshold.critical)}`;
    if (state.ageS === null) {
      return [
        stated('archive-age.never', '', 'warning', {
          words: `no WAL archived yet (${goal})`,
          lines: ['Nothing can be restored from the archive yet.'],
        }),
      ];
    }
    const quiet = isQuiet(state);
    return [
      measured(signal, '', exposedSeconds(state), 's', threshold, {
        words: `WAL archived ${formatDuration(state.ageS)} ago (${goal})`,
        lines: [
          ...(state.bytes === null ? [] : [`${formatBytes(Math.max(0, state.bytes))} of WAL are on this server only.`]),
          ...(quiet
            ? ['Nothing worth archiving was written since: archive_timeout would have switched the segment.']
            : []),
          state.timeoutS === 0
            ? 'archive_timeout is 0: on a quiet server a segment waits for hours.'
            : `archive_timeout is ${formatDuration(state.timeoutS)}: that, the upload and a retry are the worst case.`,
        ],
        ...(state.timeoutS === 0 && { change: 'ALTER SYSTEM SET archive_timeout = 900; SELECT pg_reload_conf();' }),
      }),
    ];
  },
};

/**
 * archive_timeout would have switched the segment, had anything worth archiving been written. Further than the next segment
 * something was switched and has not been archived: a command that hangs fails never.
 */
function isQuiet({ timeoutS, failing, ageS, bytes, segmentBytes }: ArchiveAge): boolean {
  const inNext = bytes !== null && bytes < segmentBytes;
  return timeoutS > 0 && !failing && inNext && ageS !== null && ageS > timeoutS + slackS;
}

/** How much of the time is lost with this server, in s: nothing where all of its WAL is archived; null: none is. */
export function exposedSeconds(state: ArchiveAge): number | null {
  const archived = state.bytes !== null && state.bytes <= 0;
  return archived || isQuiet(state) ? 0 : state.ageS;
}
