import type { TablesOfStatement } from '../tables/table-name';
import type { SizedTables } from '../tables/table-sizes';
import { keyOf, type StatementStats, type StatementText } from './statements';

/** One row of the report: counters, text and tables. */
export interface StatementEntry {
  /** Unique in the reading. */
  readonly key: string;
  readonly stats: StatementStats;
  /** Undefined: hidden from this role, or evicted between the two reads. */
  readonly text: StatementText | undefined;
  readonly tables: TablesOfStatement | { readonly kind: 'pending' } | undefined;
  /** It ran in the database of the connection, where sizes can be read. */
  readonly here: boolean;
}

/** What one reading found. */
export interface StatementReading {
  readonly entries: readonly StatementEntry[];
  readonly sizes: SizedTables | undefined;
}

/** Joins counters with texts. The entries that are hidden have one key for many and are numbered. */
export function joinTexts(
  stats: readonly StatementStats[],
  texts: readonly StatementText[],
  database: string,
): StatementEntry[] {
  const byKey = new Map(texts.map((text) => [text.key, text]));
  const seen = new Map<string, number>();
  return stats.map((entry) => {
    const key = keyOf(entry);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return {
      key: before === 0 ? key : `${key}/${before + 1}`,
      stats: entry,
      text: entry.queryId === null ? undefined : byKey.get(key),
      tables: undefined,
      here: entry.database === database,
    };
  });
}

/** What stands in place of a text that is not there. */
export function missingText(stats: StatementStats): string {
  return stats.queryId === null ? '<insufficient privilege>' : 'evicted while it was read; refresh';
}
