import { formatInteger, formatMilliseconds } from '../../format/numbers';
import { formatDuration } from '../../format/quantities';
import { featuresOf } from '../../reports/slow-queries/extension-version';
import { number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Capabilities, Statement } from '../../ports/session';
import { quoteIdentifier } from '../../sql/identifier';
import { maskSecrets } from '../../sql/mask-secrets';
import { tiers, type CheckDefinition, type Samples } from '../check';
import { gradeBeyond, measured } from '../finding';
import { increases, type Increase } from '../increase';
import type { Finding, Threshold } from '../signal';
import { standardOf } from '../standard-limits';

/** Counters of one statement, or of all together under the key ''. */
export interface StatementCounters {
  /** userid/dbid/queryid/toplevel. */
  readonly key: string;
  readonly queryId: string | null;
  readonly calls: number;
  readonly totalMs: number;
  readonly maxMs: number;
  /** Read only for those that are told. */
  readonly text?: string;
}

/** By the extension's version, without the texts; those that took most of the time, and the longest single ones. */
export function countersStatement(schema: string, version: string): Statement<StatementCounters> {
  const features = featuresOf(version);
  const [total, max] =
    features?.executionTimes === false ? ['total_time', 'max_time'] : ['total_exec_time', 'max_exec_time'];
  const topLevel = features?.topLevel === true ? 'x.toplevel' : 'NULL::bool';
  return {
    name: 'counters of pg_stat_statements',
    text: `
WITH s AS MATERIALIZED (SELECT concat_ws('/', x.userid, x.dbid, x.queryid, ${topLevel}) AS key, x.queryid::text AS query_id,
  x.calls::float8 AS calls, x.${total}::float8 AS total_ms, x.${max}::float8 AS max_ms
  FROM ${quoteIdentifier(schema)}.pg_stat_statements(false) AS x)
SELECT '' AS key, NULL AS query_id, coalesce(sum(s.calls), 0) AS calls, coalesce(sum(s.total_ms), 0) AS total_ms, coalesce(max(s.max_ms), 0) AS max_ms FROM s
UNION ALL SELECT * FROM ((SELECT * FROM s WHERE s.query_id IS NOT NULL ORDER BY s.total_ms DESC LIMIT 100)
  UNION (SELECT * FROM s WHERE s.query_id IS NOT NULL ORDER BY s.max_ms DESC LIMIT 20)) AS t`,
    row: (raw: RawRow) => ({
      key: text(raw, 'key'),
      queryId: textOrNull(raw, 'query_id'),
      calls: number(raw, 'calls'),
      totalMs: number(raw, 'total_ms'),
      maxMs: numberOrNull(raw, 'max_ms') ?? 0,
    }),
  };
}

function beginningsStatement(schema: string, queryIds: readonly string[]): Statement<{ id: string; text: string }> {
  return {
    name: 'texts of pg_stat_statements',
    text: `
SELECT DISTINCT ON (x.queryid) x.queryid::text AS query_id, left(x.query, 300) AS query
FROM ${quoteIdentifier(schema)}.pg_stat_statements(true) AS x WHERE x.queryid = ANY ($1::int8[]) AND x.query IS NOT NULL`,
    values: [queryIds],
    row: (raw: RawRow) => ({ id: text(raw, 'query_id'), text: maskSecrets(text(raw, 'query')) }),
  };
}

const meanLimits = standardOf('statements.mean');
const maxLimits = standardOf('statements.max');
const mostTold = 5;

export const statements: CheckDefinition<StatementCounters> = {
  id: 'statements',
  group: 'queries',
  title: 'Statement times',
  explanation:
    'How often statements run and how long they take (pg_stat_statements): the mean over the last quarter of an hour, and the longest single run.',
  runbook: 'pool-exhaustion',
  tierMs: tiers.minute,
  keepMs: 900_000,
  needsFullView: true,
  absent: obstacle,
  read: async (query, { server, limits }) => {
    const extension = server.extensions.get('pg_stat_statements');
    if (!extension) return [];
    const rows = await query(countersStatement(extension.schema, extension.version));
    const mean = limits('statements.mean', meanLimits).warning;
    const max = limits('statements.max', maxLimits).warning;
    const slow = rows.filter(
      (row) => row.queryId !== null && (row.totalMs / Math.max(1, row.calls) > mean || row.maxMs > max),
    );
    const ids = [...new Set(slow.map((row) => row.queryId ?? ''))].slice(0, 4 * mostTold);
    if (ids.length === 0) return rows;
    const texts = new Map((await query(beginningsStatement(extension.schema, ids))).map(({ id, text }) => [id, text]));
    return rows.map((row) => {
      const text = texts.get(row.queryId ?? '');
      return text === undefined ? row : { ...row, text };
    });
  },
  evaluate: (samples, { limits }) => {
    const calls = increases(samples, (row) => ({ subject: row.key, value: row.calls, reset: null }));
    const times = increases(samples, (row) => ({ subject: row.key, value: row.totalMs, reset: null }));
    return [
      frequency(callsOfAll(samples)),
      ...means(samples, calls, times, limits('statements.mean', meanLimits)),
      ...longest(samples, limits('statements.max', maxLimits)),
    ];
  },
};

function obstacle({ extensions, preloadedLibraries, database }: Capabilities): string | null {
  if (preloadedLibraries?.some((name) => /(?:^|\/)pg_stat_statements(?:\.so)?$/.test(name)) === false) {
    return 'pg_stat_statements is not in shared_preload_libraries; the Slow Queries report says how to get it.';
  }
  if (!extensions.has('pg_stat_statements')) {
    return `pg_stat_statements is not created in ${database}: CREATE EXTENSION pg_stat_statements;`;
  }
  return null;
}

/**
 * What all statements together were called. Their sum falls when the extension drops the rare ones for want of room, or is
 * reset: what it was over such a stretch is not known, and the stretch counts for nothing.
 */
function callsOfAll({ earlier, now }: Samples<StatementCounters>): Increase | undefined {
  const all = [...earlier, now].map(({ at, rows }) => ({ at, calls: rows.find(({ key }) => key === '')?.calls ?? 0 }));
  let [by, overMs] = [0, 0];
  all.forEach((sample, index) => {
    const before = all[index - 1];
    if (!before || sample.calls < before.calls) return;
    by += sample.calls - before.calls;
    overMs += sample.at - before.at;
  });
  return overMs > 0 ? { by, overMs } : undefined;
}

function frequency(all: Increase | undefined): Finding {
  const perSecond = all && all.overMs > 0 ? (1000 * all.by) / all.overMs : null;
  return measured('statements.calls', '', perSecond, 'calls/s', null, {
    severity: 'ok',
    words:
      perSecond === null
        ? 'calls are counted from now on'
        : `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} calls a second`,
  });
}

/** Which statements were slow on average lately; all history would hide what is slow now, and what was mended. */
function means(
  samples: Samples<StatementCounters>,
  calls: ReadonlyMap<string, Increase>,
  times: ReadonlyMap<string, Increase>,
  threshold: Threshold,
): Finding[] {
  const recent = samples.now.rows
    .filter((row) => row.key !== '' && (calls.get(row.key)?.by ?? 0) > 0)
    .map((row) => ({
      row,
      runs: calls.get(row.key),
      ms: (times.get(row.key)?.by ?? 0) / (calls.get(row.key)?.by ?? 1),
    }))
    .sort((a, b) => b.ms - a.ms);
  const slow = recent.filter(({ ms }) => ms > threshold.warning).slice(0, mostTold);
  if (slow.length === 0) {
    const most = recent[0]?.ms ?? null;
    return [
      measured('statements.mean', '', most, 'ms', threshold, {
        severity: 'ok',
        words:
          most === null ? 'mean times are known from the next reading on' : `slowest mean ${formatMilliseconds(most)}`,
      }),
    ];
  }
  return slow.map(({ row, runs, ms }) =>
    measured('statements.mean', row.key, ms, 'ms', threshold, {
      words: `mean ${formatMilliseconds(ms)}: ${nameOf(row)}`,
      lines: [
        `${formatInteger(runs?.by ?? 0)} calls in ${formatDuration((runs?.overMs ?? 0) / 1000)}.`,
        row.text ?? '',
      ].filter(Boolean),
    }),
  );
}

/** A longest run that was there before is history: it is told without alarm until it is reset. */
function longest({ now, earlier }: Samples<StatementCounters>, threshold: Threshold): Finding[] {
  const before = new Map(earlier[0]?.rows.map((row) => [row.key, row.maxMs]));
  return now.rows
    .filter((row) => row.key !== '' && row.maxMs > threshold.warning)
    .sort((a, b) => b.maxMs - a.maxMs)
    .slice(0, mostTold)
    .map((row) => {
      const known = before.get(row.key);
      const fresh = earlier.length > 0 && (known === undefined || row.maxMs > known);
      return measured('statements.max', row.key, row.maxMs, 'ms', threshold, {
        severity: fresh ? gradeBeyond(row.maxMs, threshold) : 'hint',
        words: `${fresh ? 'ran' : 'once ran'} ${formatMilliseconds(row.maxMs)}: ${nameOf(row)}`,
        lines: row.text === undefined ? [] : [row.text],
      });
    });
}

function nameOf({ text: query, queryId }: StatementCounters): string {
  return query === undefined ? `query ${queryId ?? 'unknown'}` : query.replace(/\s+/g, ' ').slice(0, 60);
}
