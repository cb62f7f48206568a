import { formatInteger, formatMilliseconds, formatPercent } from '../../format/numbers';
import type { Cell, Column, Row, Section } from '../document';
import type { SizedTables } from '../tables/table-sizes';
import { captionOf, type SlowQueryOptions } from './options';
import { missingText, type StatementEntry, type StatementReading } from './statement-entry';
import { tablesCell } from './touched-tables';

/** How much of a statement stands in its cell, in characters. */
const previewLength = 240;

const numeric = (id: string, title: string, hint: string): Column => ({
  id,
  title,
  hint,
  align: 'end',
  firstSort: 'descending',
});
const textual = (id: string, title: string, wide = false): Column => ({
  id,
  title,
  align: 'start',
  firstSort: 'ascending',
  ...(wide ? { wide } : {}),
});

const columns: readonly Column[] = [
  textual('statement', 'Statement', true),
  numeric('total', 'Total', 'Time of all its calls together, without planning.'),
  numeric('share', 'Share', 'Of the time of all statements counted.'),
  numeric('calls', 'Calls', 'How often it ended.'),
  numeric('mean', 'Mean', 'Time of a call on average.'),
  numeric('max', 'Max', 'The longest call.'),
  numeric('min', 'Min', 'The shortest call.'),
  numeric(
    'stddev',
    'Std dev',
    'Standard deviation of the time of a call. There are no percentiles in pg_stat_statements.',
  ),
  numeric('rows', 'Rows', 'Rows returned or changed by all its calls.'),
  numeric('hit', 'Cache hit', 'Blocks found in shared buffers, of all that were asked for.'),
  numeric('temp', 'Temp blocks', 'Blocks of temporary files read and written: sorts and hashes beyond work_mem.'),
  { ...numeric('tables', 'Tables', 'The tables it touches by its text; sorted by the largest.'), align: 'start' },
  textual('user', 'User'),
  textual('database', 'Database'),
];

/** The table of the report, in the order of the ranking. */
export function statementSection(reading: StatementReading, options: SlowQueryOptions): Section {
  return {
    id: 'statements',
    title: 'Statements',
    caption: captionOf(options, reading.entries.length),
    columns,
    rows: reading.entries.map((entry) => rowOf(entry, reading.sizes)),
    sort: { column: options.ranking, direction: 'descending' },
    empty: 'pg_stat_statements has counted no statement yet. It counts them when they end.',
  };
}

function rowOf(entry: StatementEntry, sizes: SizedTables | undefined): Row {
  const { stats } = entry;
  return {
    key: entry.key,
    cells: [
      statementCell(entry),
      time(stats.totalMs),
      percent(stats.share),
      count(stats.calls),
      time(stats.meanMs),
      time(stats.maxMs),
      time(stats.minMs),
      time(stats.stddevMs),
      count(stats.rows),
      percent(cacheHit(stats.sharedHit, stats.sharedRead)),
      count(stats.tempBlocks),
      tablesCell(entry, sizes),
      name(stats.user, `role ${stats.userId}`),
      name(stats.database, `database ${stats.databaseId}`),
    ],
  };
}

function statementCell(entry: StatementEntry): Cell {
  if (!entry.text) return { text: missingText(entry.stats), value: null, tone: 'muted' };
  const line = entry.text.text
    .slice(0, previewLength * 4)
    .replace(/\s+/g, ' ')
    .trim();
  const text = line.length > previewLength ? `${line.slice(0, previewLength)}…` : line;
  return { text, value: text };
}

/** Percent; null when no block was asked for: that is neither a hit nor a miss. */
export function cacheHit(hit: number, read: number): number | null {
  return hit + read === 0 ? null : (100 * hit) / (hit + read);
}

function time(ms: number): Cell {
  return { text: formatMilliseconds(ms), value: ms };
}

function count(value: number): Cell {
  return { text: formatInteger(value), value };
}

function percent(value: number | null): Cell {
  return value === null
    ? { text: '–', value: null, tone: 'muted', hint: 'No block asked for' }
    : { text: formatPercent(value), value };
}

/** A role or database that was dropped has only its number. */
function name(found: string | null, number: string): Cell {
  return found === null ? { text: `${number} (dropped)`, value: number, tone: 'muted' } : { text: found, value: found };
}
