import { formatInteger, formatMilliseconds } from '../../format/numbers';
import type { DetailBlock, Fact, RowDetail } from '../document';
import type { SizedTables } from '../tables/table-sizes';
import { missingText, type StatementEntry } from './statement-entry';
import { tableNotes } from './touched-tables';

/** The texts of a reading hold this many characters at most; the whole one is read again when it is copied. */
export const longestShown = 20_000;

export const copyStatement = 'copyStatement';

/** What is shown below a statement: the whole text, its tables, its identity. */
export function statementDetail(entry: StatementEntry, sizes: SizedTables | undefined): RowDetail {
  const blocks: DetailBlock[] = [
    statementBlock(entry),
    { kind: 'notes', title: 'Tables', notes: tableNotes(entry, sizes) },
    { kind: 'facts', title: 'Counters', facts: facts(entry) },
  ];
  return { blocks, actions: entry.text ? [{ id: copyStatement, label: 'Copy Statement' }] : [] };
}

function statementBlock(entry: StatementEntry): DetailBlock {
  const { text } = entry;
  if (!text) return { kind: 'notes', title: 'Statement', notes: [missingText(entry.stats)] };
  if (text.length <= text.text.length) return { kind: 'statement', title: 'Statement', text: text.text };
  return {
    kind: 'statement',
    title: 'Statement',
    text: text.text,
    note: `The first ${formatInteger(text.text.length)} of ${formatInteger(text.length)} characters. Copy Statement copies the whole.`,
  };
}

function facts({ stats }: StatementEntry): Fact[] {
  const entries: [string, string | null][] = [
    ['Query id', stats.queryId ?? 'hidden'],
    ['Top level', stats.topLevel === null ? null : stats.topLevel ? 'yes' : 'no, called from a function'],
    ['Rows per call', stats.calls === 0 ? null : formatInteger(stats.rows / stats.calls)],
    ['Mean and deviation', `${formatMilliseconds(stats.meanMs)} ± ${formatMilliseconds(stats.stddevMs)}`],
    ['Blocks hit and read', `${formatInteger(stats.sharedHit)} and ${formatInteger(stats.sharedRead)}`],
    ['Counted since', stats.statsSince],
    ['Min and max since', stats.minMaxSince],
  ];
  return entries.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}
