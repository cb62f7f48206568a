import { formatDuration } from '../../format/quantities';
import { number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition, type Samples } from '../check';
import { measured, stated } from '../finding';
import { standardOf } from '../standard-limits';

/** What pg_stat_archiver tells, with ages in seconds; null: never. */
export interface Archiver {
  readonly mode: string;
  readonly lastArchived: string | null;
  readonly archivedS: number | null;
  readonly lastFailed: string | null;
  readonly failedS: number | null;
  /** Never falls. */
  readonly failures: number;
  /** A command or a library is set; null where the role may not see it. */
  readonly hasCommand: boolean | null;
}

/** 12 to 18; archive_library came with 15. */
export const archiverStatement: Statement<Archiver> = {
  name: 'archiver',
  text: `
SELECT current_setting('archive_mode') AS mode, a.last_archived_wal, a.last_failed_wal, a.failed_count::float8 AS failures,
  extract(epoch FROM clock_timestamp() - a.last_archived_time)::float8 AS archived_s,
  extract(epoch FROM clock_timestamp() - a.last_failed_time)::float8 AS failed_s,
  (SELECT bool_or(c.setting NOT IN ('', '(disabled)')) FROM pg_catalog.pg_settings AS c
    WHERE c.name IN ('archive_command', 'archive_library')) AS has_command
FROM pg_catalog.pg_stat_archiver AS a`,
  row: (raw: RawRow) => ({
    mode: text(raw, 'mode'),
    lastArchived: textOrNull(raw, 'last_archived_wal'),
    archivedS: numberOrNull(raw, 'archived_s'),
    lastFailed: textOrNull(raw, 'last_failed_wal'),
    failedS: numberOrNull(raw, 'failed_s'),
    failures: number(raw, 'failures'),
    hasCommand: typeof raw['has_command'] === 'boolean' ? raw['has_command'] : null,
  }),
};

const signal = 'archiver.failing';

export const archiver: CheckDefinition<Archiver> = {
  id: 'archiver',
  group: 'backups',
  title: 'WAL archiver',
  explanation:
    'While archiving fails nothing can be restored past the last archived segment, and WAL piles up until the disk is full.',
  runbook: 'backup',
  tierMs: tiers.minute,
  keepMs: 3_600_000,
  absent: (server) => (server.inRecovery ? 'The primary archives.' : null),
  read: (query) => query(archiverStatement),
  evaluate: (samples, { limits }) => {
    const state = samples.now.rows[0];
    if (!state) return [];
    if (state.mode === 'off') {
      return [
        stated('archiver.mode', '', 'hint', {
          words: 'WAL is not archived',
          lines: ['archive_mode is off: a restore goes back to the last base backup or dump, and no further.'],
          change: 'ALTER SYSTEM SET archive_mode = on; -- with archive_command or archive_library; needs a RESTART',
        }),
      ];
    }
    if (state.hasCommand === false) {
      return [
        stated('archiver.mode', '', 'critical', {
          words: 'archive_mode is on, and there is no archive_command',
          lines: ['WAL is kept for an archiver that has nothing to do it with, until the disk is full.'],
        }),
      ];
    }
    const threshold = limits(signal, standardOf(signal));
    if (!isFailing(state)) {
      const words =
        state.archivedS === null ? 'no segment archived yet' : `WAL archived ${formatDuration(state.archivedS)} ago`;
      return [measured(signal, '', 0, 's', threshold, { words })];
    }
    const since = failingSeconds(samples);
    return [
      measured(signal, '', since, 's', threshold, {
        severity: since === null || since > threshold.critical ? 'critical' : 'warning',
        words: `archiving FAILS: ${state.lastFailed ?? 'a segment'}, ${
          state.archivedS === null ? 'nothing was ever archived' : `last success ${formatDuration(state.archivedS)} ago`
        }`,
        lines: [
          `${state.failures} failed attempts since the statistics began, the last ${formatDuration(state.failedS ?? 0)} ago.`,
          'The server log has the message of the command.',
        ],
      }),
    ];
  },
};

/** The latest attempt failed. Both times stay for ever, so that neither alone says anything. */
export function isFailing({ failedS, archivedS }: Archiver): boolean {
  return failedS !== null && (archivedS === null || failedS < archivedS);
}

/** Since when it fails, in s: since it was seen failing, else since the last success at most; null: it never worked. */
function failingSeconds({ now, earlier }: Samples<Archiver>): number | null {
  const archivedS = now.rows[0]?.archivedS ?? null;
  const well = earlier.findLastIndex(({ rows }) => rows[0] !== undefined && !isFailing(rows[0]));
  if (well < 0) return archivedS;
  const seen = (now.at - (earlier[well + 1] ?? now).at) / 1000;
  return archivedS === null ? seen : Math.min(seen, archivedS);
}
