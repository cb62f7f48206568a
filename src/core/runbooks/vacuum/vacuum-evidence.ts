import { formatInteger, formatPercent } from '../../format/numbers';
import { formatBytes, formatDuration } from '../../format/quantities';
import type { VacuumProgress } from '../../health/checks/vacuum-progress';
import { nameHolder, type HorizonHolder } from '../../reports/bloat/horizon';
import { escapeMarkdown, fenced, markdownTable } from '../markdown';
import type { Measure } from '../measures';
import { tuneSql } from './tune-action';
import { isDue, isDueByInserts, isNeverVacuumed, ratioOf, tableLabel, type VacuumTable } from './vacuum-tables';
import { dueTables, heldBackBy, vacuumVerdict, type VacuumEvidence } from './vacuum-verdict';

export function holdersMarkdown(holders: readonly HorizonHolder[], seesAll: boolean): string {
  const unseen = seesAll
    ? ''
    : '\n\n**Transactions of others are hidden from this role:** grant it `pg_monitor`. What is missing here is no proof.';
  const standing = holders.filter(({ age }) => age > 0);
  if (standing.length === 0) return `Nothing that this role sees holds vacuum back.${unseen}`;
  const rows = standing.map((holder) => [
    escapeMarkdown(nameHolder(holder)),
    formatInteger(holder.age),
    holder.openS === null ? 'not known' : formatDuration(holder.openS),
  ]);
  return `${markdownTable(['Holder', 'Transactions back', 'Open for'], rows)}${unseen}`;
}

export function tablesMarkdown(tables: readonly VacuumTable[]): string {
  const shown = tables.filter((table) => table.dead > 0 || isDueByInserts(table)).slice(0, 30);
  if (shown.length === 0) return 'No dead row is counted in any table.';
  const ago = (age: number | null): string => (age === null ? '**never**' : `${formatDuration(age)} ago`);
  const rows = shown.map((table) => [
    escapeMarkdown(tableLabel(table)),
    stateOf(table),
    table.bytes === null ? 'not counted' : formatBytes(table.bytes),
    formatInteger(table.live),
    formatInteger(table.dead),
    `${formatInteger(table.threshold)}${table.disabled ? ', **off**' : ''}`,
    ago(table.vacuumAgeS),
    ago(table.analyzeAgeS),
  ]);
  const headings = [
    'Table',
    'State',
    'Size',
    'Live rows',
    'Dead rows, counted',
    'Autovacuum comes at',
    'Vacuumed',
    'Analyzed',
  ];
  const changes = shown.map(tuneSql).filter((sql) => sql !== undefined);
  const tuning =
    changes.length === 0
      ? ''
      : `\n\nSo that autovacuum comes to them often enough:\n\n${fenced(changes.map((sql) => `${sql};`).join('\n'), 'sql')}`;
  return `${markdownTable(headings, rows)}${tuning}`;
}

function stateOf(table: VacuumTable): string {
  if (isDue(table)) return `**${ratioOf(table).toFixed(1)} times its threshold**`;
  if (isNeverVacuumed(table)) return 'never vacuumed';
  return isDueByInserts(table) ? 'due by rows inserted' : 'below its threshold';
}

export function runningMarkdown(running: readonly VacuumProgress[]): string {
  if (running.length === 0) return 'No vacuum is running.';
  const rows = running.map((run) => [
    String(run.pid),
    escapeMarkdown(run.table ?? `table ${run.oid} of ${run.database}`),
    escapeMarkdown(run.phase),
    run.total > 0 ? formatPercent((100 * run.scanned) / run.total) : 'not known',
    run.indexes === null ? 'not told before 17' : `${run.indexesDone ?? 0} of ${run.indexes}`,
    run.runsS === null ? 'hidden' : formatDuration(run.runsS),
    run.wraparound ? '**prevents wraparound: leave it**' : '',
  ]);
  return markdownTable(['Session', 'Table', 'Phase', 'Scanned', 'Indexes done', 'Runs for', 'Note'], rows);
}

export function freezeMarkdown({ freeze, tables }: Pick<VacuumEvidence, 'freeze' | 'tables'>): string {
  const stopAt = 2 ** 31 - 3_000_000;
  const databases = freeze
    .slice(0, 10)
    .map((row) => [
      escapeMarkdown(row.database),
      formatInteger(row.transactions),
      formatInteger(row.multixacts),
      formatPercent((100 * Math.max(row.transactions, row.multixacts)) / stopAt),
    ]);
  const oldest = tables
    .toSorted((a, b) => b.freezeAge - a.freezeAge)
    .slice(0, 5)
    .map((table) => [escapeMarkdown(tableLabel(table)), formatInteger(table.freezeAge)]);
  return [
    markdownTable(['Database', 'Age in transactions', 'In multixacts', 'Way to the stop'], databases),
    markdownTable(['Oldest tables here', 'Age in transactions'], oldest),
  ].join('\n\n');
}

/** The numbers that must get better. */
export function vacuumMeasures(evidence: VacuumEvidence): readonly Measure[] {
  const { seesAll, inRecovery } = evidence;
  const due = dueTables(evidence);
  const dead = due.reduce((sum, table) => sum + table.dead, 0);
  const holder = heldBackBy(evidence);
  const { cause } = vacuumVerdict(evidence).main;
  const unless = (unknown: boolean, value: boolean): boolean | null => (unknown ? null : value);
  return [
    {
      name: 'Holds vacuum back',
      shown: holder ? nameHolder(holder) : seesAll ? 'nobody' : null,
      good: holder ? false : unless(!seesAll, true),
    },
    { name: 'Tables beyond their threshold', shown: String(due.length), good: unless(inRecovery, due.length === 0) },
    { name: 'Dead rows in them', shown: formatInteger(dead), good: unless(inRecovery, dead === 0) },
    {
      name: 'Cause',
      shown: cause,
      good: unless(!seesAll || inRecovery, cause === 'none' || cause === 'never-vacuumed'),
    },
  ];
}
