import { formatBytes, formatDuration } from '../../format/quantities';
import { tiers, type CheckDefinition } from '../check';
import { measured, nothingFound } from '../finding';
import { tableSizesStatement, type TableSizeRow } from '../size-statements';

const dayMs = 86_400_000;
const shortestMs = 1_800_000;
/** Smaller changes are not worth a line. */
const leastBytes = 1024 ** 2;
const shown = 10;

/** Tables are known by oid over time: one that is rewritten or renamed stays the same. */
export const tableGrowth: CheckDefinition<TableSizeRow> = {
  id: 'table-growth',
  group: 'size',
  title: 'Growth of large tables',
  explanation: 'Which of the largest tables of this database have grown since they are watched, indexes included.',
  runbook: 'scaling',
  tierMs: tiers.quarter,
  keepMs: dayMs,
  read: (query) => query(tableSizesStatement),
  evaluate: ({ now, earlier }) => {
    const grown = now.rows.flatMap(({ table }) => {
      if (!table) return [];
      const first = earlier.find(({ rows }) => rows.some((row) => row.table?.oid === table.oid));
      const before = first?.rows.find((row) => row.table?.oid === table.oid)?.table;
      if (!first || !before || now.at - first.at < shortestMs) return [];
      const overMs = now.at - first.at;
      return [{ table, by: table.totalBytes - before.totalBytes, overMs }];
    });
    const growing = grown
      .filter(({ by }) => by >= leastBytes)
      .sort((a, b) => b.by - a.by)
      .slice(0, shown);
    if (growing.length === 0) {
      return [
        nothingFound('table-growth.tables', grown.length > 0 ? 'no large table grows' : 'growth is not known yet'),
      ];
    }
    return growing.map(({ table, by, overMs }) => {
      const daily = (by * dayMs) / overMs;
      return measured('table-growth.bytes', `${table.schema}.${table.name}`, daily, 'bytes/day', null, {
        words: `${table.schema}.${table.name} grows by ${formatBytes(daily)} a day`,
        lines: [`${formatBytes(by)} in ${formatDuration(overMs / 1000)}; now ${formatBytes(table.totalBytes)}.`],
      });
    });
  },
};
