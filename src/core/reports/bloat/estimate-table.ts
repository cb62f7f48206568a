import { formatInteger, formatPercent } from '../../format/numbers';
import { maxAlign, rowWidth } from './column-width';
import type { TableFacts } from './table-rows';
import { judge, type Doubt, type Estimate } from './trust';

/** Bytes of a page header, of the pointer to each row, and of a row's header (src/include/storage, access/htup_details.h). */
const pageHeader = 24;
const rowPointer = 4;
const rowHeader = 23;

/** Below this many pages one page more or less is everything. */
const smallPages = 10;
/** Statistics older than this share of changed rows say little. */
const staleShare = 0.2;
/** Alignment that was guessed and makes this share of a row is a doubt. */
const guessedPadding = 0.05;
/** Of the excess this much is dead rows: it is not free space. */
const deadShare = 0.3;

export interface TableEstimate extends Estimate {
  /** Bytes that dead rows take, by the counters; they are free only after VACUUM. */
  readonly deadBytes: number;
  /** Share of the main file that `fillfactor` keeps free on purpose, in percent. It is not counted as bloat. */
  readonly keptFreePercent: number;
  /** Share of a row that alignment takes, in percent. */
  readonly paddingPercent: number;
}

/**
 * How many pages the rows of the last look would need if written anew, against the pages there are: row header with the
 * bitmap of NULLs, columns as ANALYZE found them with their alignment, fillfactor; what is in TOAST counts as a pointer
 * on both sides.
 * @param pageBytes the server's block size
 * @param countersValid false on a standby, whose counters know nothing of the primary's writes
 */
export function estimateTable(table: TableFacts, pageBytes: number, countersValid: boolean): TableEstimate {
  const width = rowWidth(table.columns);
  const nullable = Math.max(table.droppedColumns > 0 ? 1 : 0, ...table.columns.map((column) => column.nulls));
  const bitmap = Math.ceil((table.columns.length + table.droppedColumns) / 8);
  // Rows without a NULL have no bitmap.
  const header = maxAlign(rowHeader) * (1 - nullable) + maxAlign(rowHeader + bitmap) * nullable;
  const rowBytes = maxAlign(header + width.bytes) + rowPointer;
  const room = (pageBytes * table.fillfactor) / 100 - pageHeader;
  const fit = room / rowBytes;
  // Rows are not split: of those that vary about half of one does not fit at the end of each page.
  const perPage = Math.max(1, width.fixed ? Math.floor(fit) : fit - 0.5);
  const hasRows = table.columns.length > 0 && table.knownRows >= 0;
  const expected = hasRows ? Math.ceil(table.knownRows / perPage) : null;
  const doubts = doubtsOf(table, countersValid);
  if (width.guessed && width.padding > guessedPadding * rowBytes) {
    const share = formatPercent((100 * width.padding) / rowBytes);
    doubts.push({
      id: 'padding',
      leaves: 'low',
      words: `About ${share} of a row is alignment, guessed because values before it vary in width. Columns in another order would need less.`,
    });
  }
  const pages = table.pages;
  const deadBytes = countersValid ? Math.min(table.activity.deadRows * rowBytes, pages * pageBytes) : 0;
  const excessBytes = expected === null ? 0 : (pages - expected) * pageBytes;
  if (excessBytes > 0 && deadBytes > deadShare * excessBytes) {
    // Said first: it decides what to do.
    doubts.unshift({
      id: 'dead-not-free',
      leaves: 'low',
      words: `${formatInteger(table.activity.deadRows)} dead rows take most of it: that space is not free before VACUUM has removed them.`,
    });
  }
  return {
    ...judge(pages, expected, pageBytes, doubts),
    deadBytes,
    keptFreePercent: 100 - table.fillfactor,
    paddingPercent: (100 * width.padding) / rowBytes,
  };
}

function doubtsOf(table: TableFacts, countersValid: boolean): Doubt[] {
  const doubts: Doubt[] = [];
  const add = (id: Doubt['id'], leaves: Doubt['leaves'], words: string): void =>
    void doubts.push({ id, leaves, words });
  const { activity } = table;
  const missing = table.columns.filter((column) => column.width === null).length;
  const neverSeen = table.knownRows < 0 || (table.knownRows === 0 && table.knownPages === 0 && table.pages > 0);
  if (!table.mayReadStatistics) {
    const words =
      'This role may not read the statistics of its columns: grant it SELECT on the table, or pg_read_all_data (14 and newer).';
    add('statistics-hidden', 'none', words);
  } else if (table.pages > 0 && neverSeen) {
    add('never-analyzed', 'none', 'Neither VACUUM nor ANALYZE has looked at it yet. Run ANALYZE.');
  } else if (table.pages > 0 && missing > 0) {
    add('no-statistics', 'none', `${missing} of ${table.columns.length} columns have no statistics. Run ANALYZE.`);
  }
  if (table.columns.some((column) => column.isName)) {
    add('name-columns', 'low', 'It has columns of the type name, whose width the statistics do not tell.');
  }
  if (countersValid && countersForgot(table)) {
    const words =
      'The counters of activity were set back since the last ANALYZE, by a crash or a reset: how many of its rows are dead, and not free, is not known. Measure it.';
    add('dead-unknown', 'low', words);
  }
  const drifted = table.knownPages > 0 && Math.abs(table.pages - table.knownPages) > staleShare * table.knownPages;
  const changed = countersValid && activity.changedSinceAnalyze > staleShare * Math.max(table.knownRows, 1);
  if (changed) {
    const words = `${formatInteger(activity.changedSinceAnalyze)} rows changed since the last ANALYZE, of ${formatInteger(Math.max(0, table.knownRows))}.`;
    add('stale', 'low', words);
  } else if (drifted && !neverSeen) {
    add('stale', 'low', 'It has grown or shrunk a lot since VACUUM or ANALYZE last looked.');
  }
  if (table.pages < smallPages) {
    add('small', 'low', `It has ${table.pages} pages: one more or less is a large part of it.`);
  }
  return doubts;
}

/** ANALYZE was here, for its statistics are, and the counters know nothing of it: they do not know the dead rows before. */
export function countersForgot({ activity, columns, knownRows }: TableFacts): boolean {
  const analyzed = knownRows > 0 && columns.some((column) => column.width !== null);
  return analyzed && activity.vacuumAgeS === null && activity.analyzeAgeS === null;
}
