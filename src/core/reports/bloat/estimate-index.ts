import { formatInteger } from '../../format/numbers';
import { maxAlign, rowWidth } from './column-width';
import type { IndexFacts } from './index-rows';
import { judge, type Doubt, type Estimate } from './trust';

/** Bytes of a page header with the b-tree's own data at its end, of an entry's pointer and header (access/nbtree.h, itup.h). */
const pageOverhead = 24 + 16;
const entryPointer = 4;
const entryHeader = 8;
/** How full inner pages are kept, in percent (BTREE_NONLEAF_FILLFACTOR). */
const innerFillfactor = 70;

const smallPages = 10;
const staleShare = 0.2;
/** From this many entries of the same key on, sharing them makes a difference. */
const sharedKeys = 1.2;

/**
 * How many pages the entries would need if the b-tree were built anew: leaves at its fillfactor, inner pages above them,
 * the page at its start. Takes every key for stored by itself: where 13 and newer let equal keys share an entry, the
 * estimate is too low, and says so.
 * @param pageBytes the server's block size
 * @param countersValid false on a standby
 */
export function estimateIndex(index: IndexFacts, pageBytes: number, countersValid: boolean): Estimate {
  const width = rowWidth(index.columns);
  const nullable = Math.max(0, ...index.columns.map((column) => column.nulls));
  // An entry with a NULL has a bitmap of 4 bytes, aligned to 8.
  const entryBytes = maxAlign(entryHeader + 8 * nullable + width.bytes) + entryPointer;
  const perLeaf = Math.max(1, Math.floor(((pageBytes - pageOverhead) * index.fillfactor) / 100 / entryBytes));
  const perInner = Math.max(2, Math.floor(((pageBytes - pageOverhead) * innerFillfactor) / 100 / entryBytes));
  const expected =
    index.knownEntries < 0 || index.columns.length === 0 ? null : pagesOf(index.knownEntries, perLeaf, perInner);
  return judge(index.pages, expected, pageBytes, doubtsOf(index, countersValid));
}

function pagesOf(entries: number, perLeaf: number, perInner: number): number {
  let level = Math.ceil(entries / perLeaf);
  let pages = 1 + level;
  while (level > 1) {
    level = Math.ceil(level / perInner);
    pages += level;
  }
  return pages;
}

function doubtsOf(index: IndexFacts, countersValid: boolean): Doubt[] {
  const doubts: Doubt[] = [];
  const add = (id: Doubt['id'], leaves: Doubt['leaves'], words: string): void =>
    void doubts.push({ id, leaves, words });
  const missing = index.columns.filter((column) => column.width === null && column.length < 0).length;
  const unseen = index.columns.filter((column) => column.width === null).length;
  if (!index.valid)
    add('invalid', 'none', 'It is not valid: it serves no query. Drop it, or build it anew with REINDEX.');
  if (!index.mayReadStatistics) {
    const words =
      'This role may not read the statistics of its columns: grant it SELECT on the table, or pg_read_all_data (14 and newer).';
    add('statistics-hidden', 'none', words);
  } else if (index.knownEntries < 0) {
    add('never-analyzed', 'none', 'Neither VACUUM nor ANALYZE has counted its entries. Run ANALYZE on its table.');
  } else if (missing > 0) {
    const words = `${missing} of its ${index.columns.length} columns have no statistics. Run ANALYZE on its table.`;
    add('no-statistics', 'none', words);
  } else if (unseen > 0) {
    add('no-statistics', 'low', 'Its columns have no statistics: how many NULLs it holds is not known.');
  }
  if (index.columns.some((column) => column.isName)) {
    add(
      'name-columns',
      'low',
      'It has columns of the type name, which an index stores shorter than the statistics tell.',
    );
  }
  if (countersValid && index.changedSinceAnalyze > staleShare * Math.max(index.tableRows, 1)) {
    add(
      'stale',
      'low',
      `${formatInteger(index.changedSinceAnalyze)} rows of its table changed since the last ANALYZE.`,
    );
  }
  if (index.partial) {
    add('partial', 'low', 'It is partial: the statistics are those of the whole table.');
  }
  const nulls = Math.max(0, ...index.columns.map((column) => column.nulls));
  const perKey = index.distinctKeys === null ? null : index.knownEntries / Math.max(1, index.distinctKeys);
  if (index.mayDeduplicate && (nulls > 0.1 || (!index.unique && (perKey === null || perKey > sharedKeys)))) {
    const words =
      'Equal keys share one entry here (deduplication), which the calculation does not know: the real bloat is higher than it says.';
    add('deduplicated', 'low', words);
  }
  if (index.pages < smallPages) {
    add('small', 'low', `It has ${index.pages} pages: one more or less is a large part of it.`);
  }
  return doubts;
}
