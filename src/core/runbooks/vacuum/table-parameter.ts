import { formatInteger } from '../../format/numbers';
import { formatDuration } from '../../format/quantities';
import { number, text } from '../../ports/row';
import type { Statement } from '../../ports/session';
import type { Parameter, ParameterValue, ParameterValues } from '../parameter';
import { tableLabel, type VacuumTable } from './vacuum-tables';

const id = 'table';

/** Tables by schema and name, the largest first. 12 to 18. */
const tableNames: Statement<ParameterValue> = {
  name: 'names of tables',
  text: `
SELECT c.oid::int8 AS oid, n.nspname || '.' || c.relname AS label
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_(toast|temp_)' ORDER BY c.relpages DESC LIMIT 5000`,
  row: (raw) => ({ value: String(number(raw, 'oid')), label: text(raw, 'label') }),
};

/** The table that the runbook is opened for, from an item of the tree or a finding that is about one. */
export const tableParameter: Parameter = {
  id,
  title: 'Table',
  asked: 'never',
  placeholder: 'Which table?',
  choices: async (connect, _, signal) =>
    (await (await connect()).read(tableNames, signal)).map((value) => ({ label: value.label, value })),
};

/** Its oid; null where the runbook is about no certain table. */
export function tableOf(parameters: ParameterValues): number | null {
  const oid = Number(parameters[id]?.value ?? '');
  return Number.isInteger(oid) && oid > 0 ? oid : null;
}

/** What is to be said of that table first, in a line of plain text; undefined where the runbook is about none. */
export function aboutTable(parameters: ParameterValues, tables: readonly VacuumTable[]): string | undefined {
  const oid = tableOf(parameters);
  if (oid === null) return undefined;
  const table = tables.find((one) => one.oid === oid);
  if (!table) return `The table ${parameters[id]?.label ?? ''}, for which this was opened, is not there any more.`;
  const vacuumed = table.vacuumAgeS === null ? 'never vacuumed' : `vacuumed ${formatDuration(table.vacuumAgeS)} ago`;
  return `Opened for ${tableLabel(table)}: ${formatInteger(table.dead)} dead rows counted, autovacuum comes at ${formatInteger(table.threshold)}${table.disabled ? ' and is OFF for it' : ''}, ${vacuumed}.`;
}
