import { formatPercent } from '../../format/numbers';
import { formatDuration } from '../../format/quantities';
import { numberOrNull, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import type { Identity } from '../session-actions';

/** How far a long statement is, as the server tells it. */
export interface WorkProgress {
  readonly state: string | null;
  /** Of the statement, in s. */
  readonly runsS: number | null;
  readonly phase: string | null;
  /** Blocks or rows, whatever the phase counts. */
  readonly done: number | null;
  readonly total: number | null;
  /** The session whose end it waits for now. */
  readonly lockerPid: number | null;
  readonly waits: string | null;
}

/** One session, told by pid and start. No row: it has ended. 12 to 18; ANALYZE tells its progress from 13 on. */
export function workProgressStatement({ pid, backendStart }: Identity, major: number): Statement<WorkProgress> {
  const analyze = major >= 13;
  return {
    name: 'progress of long work',
    text: `
SELECT a.state, extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS runs_s,
  coalesce(v.phase, c.phase, x.phase${analyze ? ', n.phase' : ''}) AS phase,
  coalesce(v.heap_blks_scanned, c.heap_blks_scanned,
    CASE WHEN x.blocks_total > 0 THEN x.blocks_done ELSE x.tuples_done END${analyze ? ', n.sample_blks_scanned' : ''})::float8 AS done,
  coalesce(v.heap_blks_total, c.heap_blks_total,
    CASE WHEN x.blocks_total > 0 THEN x.blocks_total ELSE x.tuples_total END${analyze ? ', n.sample_blks_total' : ''})::float8 AS total,
  nullif(x.current_locker_pid, 0)::float8 AS locker_pid,
  CASE WHEN a.wait_event_type = 'Lock' THEN a.wait_event END AS waits
FROM pg_catalog.pg_stat_activity AS a
LEFT JOIN pg_catalog.pg_stat_progress_vacuum AS v ON v.pid = a.pid
LEFT JOIN pg_catalog.pg_stat_progress_cluster AS c ON c.pid = a.pid
LEFT JOIN pg_catalog.pg_stat_progress_create_index AS x ON x.pid = a.pid
${analyze ? 'LEFT JOIN pg_catalog.pg_stat_progress_analyze AS n ON n.pid = a.pid\n' : ''}WHERE a.pid = $1 AND a.backend_start = $2::timestamptz`,
    values: [pid, backendStart],
    row: (raw: RawRow) => ({
      state: textOrNull(raw, 'state'),
      runsS: numberOrNull(raw, 'runs_s'),
      phase: textOrNull(raw, 'phase'),
      done: numberOrNull(raw, 'done'),
      total: numberOrNull(raw, 'total'),
      lockerPid: numberOrNull(raw, 'locker_pid'),
      waits: textOrNull(raw, 'waits'),
    }),
  };
}

/** "scanning heap, 42 %, 3 min"; whom it waits for comes first, since that is what a person can change. */
export function progressWords({ runsS, phase, done, total, lockerPid, waits }: WorkProgress): string {
  const part = done !== null && total !== null && total > 0 ? formatPercent((100 * done) / total) : undefined;
  const waiting =
    lockerPid !== null
      ? `waits for session ${lockerPid} to end`
      : waits === null
        ? undefined
        : `waits for a lock (${waits})`;
  const known = [waiting, phase ?? undefined, part, runsS === null ? undefined : formatDuration(runsS)];
  return known.filter((word) => word !== undefined).join(', ');
}
