import { number, text } from '../../ports/row';
import type { Statement } from '../../ports/session';
import type { Parameter, ParameterValue, ParameterValues } from '../parameter';

const id = 'index';

/** Indexes by schema and name, the largest first. 12 to 18. */
const indexNames: Statement<ParameterValue> = {
  name: 'names of indexes',
  text: `
SELECT c.oid::int8 AS oid, n.nspname || '.' || c.relname AS label
FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^(pg_catalog|information_schema|pg_toast|pg_temp_)' ORDER BY c.relpages DESC LIMIT 5000`,
  row: (raw) => ({ value: String(number(raw, 'oid')), label: text(raw, 'label') }),
};

/** The index that the runbook is opened for, from a finding that is about one. */
export const indexParameter: Parameter = {
  id,
  title: 'Index',
  asked: 'never',
  placeholder: 'Which index?',
  choices: async (connect, _, signal) =>
    (await (await connect()).read(indexNames, signal)).map((value) => ({ label: value.label, value })),
};

/** The one that the runbook was opened for comes first. */
export function firstOf<T>(parameters: ParameterValues, all: readonly T[], oidOf: (one: T) => number): readonly T[] {
  const about = parameters[id]?.value;
  return all.toSorted((a, b) => Number(String(oidOf(b)) === about) - Number(String(oidOf(a)) === about));
}
