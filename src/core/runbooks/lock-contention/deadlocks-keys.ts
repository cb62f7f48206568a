import { formatBytes, formatDuration } from '../../format/quantities';
import { deadlocksStatement, type Deadlocks } from '../../health/checks/deadlocks';
import { unindexedKeysStatement, type UnindexedKey } from '../../health/checks/foreign-keys';
import { preparedTransactionsStatement, type PreparedTransaction } from '../../health/checks/prepared-transactions';
import { quoteIdentifier, quoteQualified } from '../../sql/identifier';
import { Kept } from '../kept';
import { escapeMarkdown, fenced, inlineCode, markdownTable } from '../markdown';
import { ok, type Step, type StepRun } from '../runbook';

const counted = new Kept<{ readonly rows: readonly Deadlocks[]; readonly at: number }>();

/** What else stands behind lock trouble: transactions that outlive their session, deadlocks, keys without an index. */
export const moreLockSteps: readonly Step[] = [
  {
    id: 'prepared-transactions',
    kind: 'diagnose',
    language: 'sql',
    heading: '## Prepared transactions\n\nThey keep their locks without a session, over restarts too.',
    text: () => preparedTransactionsStatement.text.trim(),
    run: async ({ session, signal }) => ok(preparedMarkdown(await session.read(preparedTransactionsStatement, signal))),
  },
  {
    id: 'deadlocks',
    kind: 'diagnose',
    language: 'sql',
    heading: '## Deadlocks\n\nRun the cell again after a while: it tells what has come since.',
    text: () => deadlocksStatement.text.trim(),
    run: async (run) => ok(deadlocksMarkdown(await run.session.read(deadlocksStatement, run.signal), run)),
  },
  {
    id: 'foreign-keys',
    kind: 'diagnose',
    language: 'sql',
    heading:
      '## Foreign keys without an index\n\nA DELETE of the referenced table reads all of the other one, and holds its locks meanwhile.',
    text: () => unindexedKeysStatement.text.trim(),
    run: async ({ session, signal }) => ok(keysMarkdown(await session.read(unindexedKeysStatement, signal))),
  },
];

function preparedMarkdown(rows: readonly PreparedTransaction[]): string {
  if (rows.length === 0) return 'There is no prepared transaction.';
  return markdownTable(
    ['Name', 'Database', 'Owner', 'Age'],
    rows.map(({ gid, database, owner, ageS }) => [
      inlineCode(gid),
      escapeMarkdown(database ?? ''),
      escapeMarkdown(owner ?? ''),
      formatDuration(ageS),
    ]),
  );
}

function deadlocksMarkdown(rows: readonly Deadlocks[], { memory, now }: StepRun): string {
  const earlier = counted.get(memory);
  counted.set(memory, { rows, at: now.getTime() });
  const since = earlier && `In the last ${formatDuration((now.getTime() - earlier.at) / 1000)}`;
  const table = rows
    .filter(({ deadlocks }) => deadlocks > 0)
    .map((row) => [
      escapeMarkdown(row.database),
      String(row.deadlocks),
      ...(since === undefined ? [] : [growth(row, earlier?.rows)]),
    ]);
  const log =
    'The server log has each of them: "deadlock detected", with both statements and what each waits for. Two orders of locking, or a key without an index, are behind most.';
  if (table.length === 0) return `No deadlock is counted in any database. ${log}`;
  return `${markdownTable(['Database', 'Since the statistics began', ...(since === undefined ? [] : [since])], table)}\n\n${log} From 15 on the counter is some ten seconds late.`;
}

/** Fewer than before, or counted anew, is a reset and no improvement; of none that were counted nothing is lost by it. */
function growth({ database, deadlocks, reset }: Deadlocks, earlier: readonly Deadlocks[] | undefined): string {
  const was = earlier?.find((row) => row.database === database);
  if (!was || (was.deadlocks > 0 && (was.reset !== reset || deadlocks < was.deadlocks))) return 'counted anew';
  return String(deadlocks - was.deadlocks);
}

function keysMarkdown(keys: readonly UnindexedKey[]): string {
  if (keys.length === 0) return 'Every foreign key of this database has an index.';
  const rows = keys.map(({ schema, table, columns, references, bytes }) => [
    inlineCode(`${schema}.${table}`),
    inlineCode(columns.join(', ')),
    inlineCode(references),
    formatBytes(bytes),
  ]);
  const statements = keys.map(
    ({ schema, table, columns }) =>
      `CREATE INDEX CONCURRENTLY ON ${quoteQualified(schema, table)} (${columns.map(quoteIdentifier).join(', ')});`,
  );
  return `${markdownTable(['Table', 'Columns', 'References', 'Size'], rows)}\n\nFor a migration, in a quiet hour:\n\n${fenced(statements.join('\n'), 'sql')}`;
}
