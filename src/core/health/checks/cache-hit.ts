import { formatPercent } from '../../format/numbers';
import { formatDuration } from '../../format/quantities';
import { number, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { measured } from '../finding';
import { increases } from '../increase';
import { standardOf } from '../standard-limits';

export interface Blocks {
  readonly database: string;
  readonly hit: number;
  readonly read: number;
  readonly reset: string | null;
}

/** 12 to 18. */
export const blocksStatement: Statement<Blocks> = {
  name: 'blocks found in shared buffers',
  text: `
SELECT s.datname::text AS name, s.blks_hit::float8 AS hit, s.blks_read::float8 AS read, s.stats_reset::text AS reset
FROM pg_catalog.pg_stat_database AS s WHERE s.datname = current_database()`,
  row: (raw: RawRow) => ({
    database: text(raw, 'name'),
    hit: number(raw, 'hit'),
    read: number(raw, 'read'),
    reset: textOrNull(raw, 'reset'),
  }),
};

const signal = 'cache-hit.ratio';
/** Over fewer blocks (80 MB) a ratio says nothing. */
const fewestBlocks = 10_000;

export const cacheHit: CheckDefinition<Blocks> = {
  id: 'cache-hit',
  group: 'queries',
  title: 'Cache hit ratio',
  explanation:
    'How many of the blocks that this database asked for were in shared buffers. What is read beside it may still be in the cache of the operating system.',
  runbook: 'scaling',
  tierMs: tiers.minute,
  keepMs: 900_000,
  read: (query) => query(blocksStatement),
  evaluate: (samples, { limits }) => {
    const threshold = limits(signal, standardOf(signal));
    return samples.now.rows.map(({ database }) => {
      const grown = (value: (row: Blocks) => number): number | undefined =>
        increases(samples, (row) => ({ subject: row.database, value: value(row), reset: row.reset })).get(database)?.by;
      const [hit = 0, read = 0] = [grown((row) => row.hit), grown((row) => row.read)];
      const all = hit + read;
      if (all < fewestBlocks) {
        return measured(signal, '', null, 'ratio', threshold, {
          severity: 'ok',
          words: 'too few blocks were asked for to tell the cache hit ratio',
        });
      }
      const minutes = formatDuration((samples.now.at - (samples.earlier[0]?.at ?? samples.now.at)) / 1000);
      return measured(signal, '', hit / all, 'ratio', threshold, {
        words: `${formatPercent((100 * hit) / all)} of blocks found in shared buffers`,
        lines: [`${Math.round(all)} blocks of ${database} in the last ${minutes}.`],
      });
    });
  },
};
