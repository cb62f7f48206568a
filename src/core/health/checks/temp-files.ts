import { formatBytes, formatDuration } from '../../format/quantities';
import { number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { measured } from '../finding';
import { increases } from '../increase';
import { standardOf } from '../standard-limits';

export interface TempFiles {
  readonly database: string;
  readonly bytes: number;
  readonly reset: string | null;
}

/** 12 to 18. A file counts when it is deleted, at the end of its statement. */
export const tempFilesStatement: Statement<TempFiles> = {
  name: 'temporary files',
  text: `
SELECT s.datname::text AS name, s.temp_bytes::float8 AS bytes, s.stats_reset::text AS reset
FROM pg_catalog.pg_stat_database AS s WHERE s.datname IS NOT NULL ORDER BY s.datname LIMIT 500`,
  row: (raw: RawRow) => ({ database: text(raw, 'name'), bytes: number(raw, 'bytes'), reset: textOrNull(raw, 'reset') }),
};

const signal = 'temp-files.bytes';

export const tempFiles: CheckDefinition<TempFiles> = {
  id: 'temp-files',
  group: 'queries',
  title: 'Temporary files',
  explanation: 'Sorts and hashes that do not fit into work_mem are written to disk, which is slow and can fill it.',
  runbook: 'scaling',
  tierMs: tiers.minute,
  keepMs: 900_000,
  read: (query) => query(tempFilesStatement),
  evaluate: (samples, { limits }) => {
    const threshold = limits(signal, standardOf(signal));
    const grown = increases(samples, (row) => ({ subject: row.database, value: row.bytes, reset: row.reset }));
    if (grown.size === 0) {
      const words = 'temporary files are counted from now on';
      return [measured(signal, '', null, 'bytes', threshold, { severity: 'ok', words })];
    }
    const found = [...grown].filter(([, { by }]) => by > 0);
    if (found.length === 0) return [measured(signal, '', 0, 'bytes', threshold, { words: 'no temporary files' })];
    return found.map(([database, { by, overMs }]) =>
      measured(signal, database, by, 'bytes', threshold, {
        words: `${database}: ${formatBytes(by)} of temporary files in ${formatDuration(overMs / 1000)}`,
        lines: ['log_temp_files = 0 logs the statements that write them.'],
      }),
    );
  },
};
