import { countersForgot } from './estimate-table';
import { formatBytes } from '../../format/quantities';
import { formatInteger } from '../../format/numbers';
import type { Section } from '../document';
import {
  ageCell,
  bytesCell,
  confirmedCell,
  estimateCell,
  numeric,
  rowsCell,
  textual,
  trustCell,
  wastedCell,
} from './bloat-cells';
import type { BloatFindings, EstimatedIndex, EstimatedTable } from './bloat-findings';
import type { Confirmed } from './confirm';

const estimateHint =
  'Calculated from statistics: what the rows would not need if written anew, without what fillfactor keeps free.';
const trustHint = 'How far the estimate can be trusted, and why. Open the row for all reasons.';

/** The tables, those that waste most first. */
export function tableSection(findings: BloatFindings, confirmed: ReadonlyMap<string, Confirmed>): Section {
  const { pageBytes, readAt, countersValid } = findings;
  return {
    id: 'tables',
    title: 'Tables',
    caption: captionOf('table', findings.tables.length, findings.tableCount, findings.lockedTables),
    columns: [
      { ...textual('name', 'Table'), wide: true },
      numeric('size', 'Size', 'Of its main file, without TOAST and indexes.'),
      numeric('estimate', 'Estimate', estimateHint),
      numeric('wasted', 'Wasted', 'The estimate in bytes.'),
      textual('trust', 'Trust', trustHint),
      numeric('confirmed', 'Measured', 'By pgstattuple_approx, on request: open the row.'),
      numeric('dead', 'Dead rows', 'By the counters of activity.'),
      numeric('vacuum', 'Last vacuum', 'By VACUUM or autovacuum.'),
      numeric('analyze', 'Last analyze', 'By ANALYZE or autovacuum.'),
    ],
    rows: findings.tables.map(({ key, name, facts, estimate }) => ({
      key,
      cells: [
        { text: name, value: name },
        bytesCell(facts.pages * pageBytes),
        estimateCell(estimate),
        wastedCell(estimate),
        trustCell(estimate),
        confirmedCell(confirmed.get(key), readAt),
        rowsCell(facts.activity.deadRows, countersValid, countersForgot(facts)),
        ageCell(facts.activity.vacuumAgeS, facts.activity.vacuumBy, countersValid),
        ageCell(facts.activity.analyzeAgeS, facts.activity.analyzeBy, countersValid),
      ],
    })),
    sort: { column: 'wasted', direction: 'descending' },
    empty:
      findings.lockedTables > 0 ? 'All tables are locked exclusively now.' : 'This database has no tables of its own.',
  };
}

/** The b-trees, those that waste most first. */
export function indexSection(findings: BloatFindings, confirmed: ReadonlyMap<string, Confirmed>): Section {
  return {
    id: 'indexes',
    title: 'B-tree indexes',
    caption: captionOf('b-tree index', findings.indexes.length, findings.indexCount, findings.lockedIndexes),
    columns: [
      { ...textual('name', 'Index'), wide: true },
      textual('table', 'Table'),
      numeric('size', 'Size'),
      numeric('estimate', 'Estimate', estimateHint),
      numeric('wasted', 'Wasted', 'The estimate in bytes.'),
      textual('trust', 'Trust', trustHint),
      numeric('confirmed', 'Measured', 'By pgstatindex, on request: open the row. It reads the whole index.'),
    ],
    rows: findings.indexes.map(({ key, name, facts, estimate }) => ({
      key,
      cells: [
        { text: name, value: name },
        { text: facts.table, value: facts.table },
        bytesCell(facts.pages * findings.pageBytes),
        estimateCell(estimate),
        wastedCell(estimate),
        trustCell(estimate),
        confirmedCell(confirmed.get(key), findings.readAt),
      ],
    })),
    sort: { column: 'wasted', direction: 'descending' },
    empty: 'This database has no b-tree indexes of its own.',
  };
}

function captionOf(noun: string, shown: number, total: number, locked: number): string {
  const plural = noun.endsWith('x') ? `${noun}es` : `${noun}s`;
  const words = (count: number): string => `${formatInteger(count)} ${count === 1 ? noun : plural}`;
  const rest = total - locked;
  return [
    shown < rest ? `The largest ${formatInteger(shown)} of ${words(rest)}` : words(shown),
    ...(locked > 0 ? [`${words(locked)} skipped: locked exclusively`] : []),
  ].join(' · ');
}

/** One line for the head: how much is wasted in all that is listed and trusted. */
export function wastedTotal(entries: readonly (EstimatedTable | EstimatedIndex)[]): string {
  const bytes = entries.reduce(
    (sum, { estimate }) => sum + (estimate.trust === 'high' ? (estimate.wastedBytes ?? 0) : 0),
    0,
  );
  return formatBytes(bytes);
}
