import { formatDuration } from '../../format/quantities';
import { number, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { onlyPrimary, tiers, type CheckDefinition } from '../check';
import { measured } from '../finding';
import { increases } from '../increase';
import { standardOf } from '../standard-limits';

/** Checkpoints since the reset: by the clock, and because max_wal_size was reached or somebody asked. */
export interface Checkpoints {
  readonly timed: number;
  readonly requested: number;
  readonly reset: string | null;
}

/** 17 moved the counters to pg_stat_checkpointer. */
export function checkpointsStatement(major: number): Statement<Checkpoints> {
  const [view, timed, requested] =
    major >= 17
      ? ['pg_stat_checkpointer', 'num_timed', 'num_requested']
      : ['pg_stat_bgwriter', 'checkpoints_timed', 'checkpoints_req'];
  return {
    name: 'checkpoints',
    text: `
SELECT c.${timed}::float8 AS timed, c.${requested}::float8 AS requested, c.stats_reset::text AS reset
FROM pg_catalog.${view} AS c`,
    row: (raw: RawRow) => ({
      timed: number(raw, 'timed'),
      requested: number(raw, 'requested'),
      reset: textOrNull(raw, 'reset'),
    }),
  };
}

const signal = 'checkpoints.requested';

export const checkpoints: CheckDefinition<Checkpoints> = {
  id: 'checkpoints',
  group: 'maintenance',
  title: 'Checkpoints',
  explanation:
    'Checkpoints that come because max_wal_size is full, and not by the clock, write the same pages again and again.',
  runbook: 'scaling',
  tierMs: tiers.minute,
  keepMs: 3_600_000,
  absent: onlyPrimary,
  read: (query, { server }) => query(checkpointsStatement(server.major)),
  evaluate: (samples, { limits }) => {
    const grown = (value: (row: Checkpoints) => number): { by: number; overMs: number } | undefined =>
      increases(samples, (row) => ({ subject: '', value: value(row), reset: row.reset })).get('');
    const [requested, timed] = [grown((row) => row.requested), grown((row) => row.timed)];
    const threshold = limits(signal, standardOf(signal));
    if (!requested || !timed) {
      const words = 'checkpoints are counted from now on';
      return [measured(signal, '', null, 'count', threshold, { severity: 'ok', words })];
    }
    return [
      measured(signal, '', requested.by, 'count', threshold, {
        words: `${requested.by} checkpoints on request, ${timed.by} by the clock in ${formatDuration(requested.overMs / 1000)}`,
        lines: ['A larger max_wal_size makes them fewer; backups and a person ask for checkpoints too.'],
      }),
    ];
  },
};
