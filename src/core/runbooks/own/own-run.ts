import type { Session } from '../../ports/session';
import { escapeMarkdown, markdownTable, shorten } from '../markdown';
import type { ActionGate } from '../action-gate';
import type { GuardedAction, Inspection } from '../guarded-action';
import { outcomeResult } from '../outcome-result';
import { failed, ok, type StepResult } from '../runbook';
import { ownStatement } from './own-statement';

const mostRows = 100;
/** More are not even read: a cell may name a table of any size. */
const mostRead = 1000;
const mostColumns = 30;
/** In ms. Other than the session's own limit, so that the read stands in a read-only transaction of its own. */
const readMs = 10_000;
const actMs = 600_000;

/** Runs a cell that only reads: in a read-only transaction, its first rows as a table. */
export async function readOwn(text: string, session: Session, signal: AbortSignal): Promise<StepResult> {
  const statement = ownStatement(text, false);
  if (!statement.ok) return failed(`**${escapeMarkdown(statement.problem)}** Nothing was run.`);
  const rows = await session.read(
    { name: 'statement of the cell', text: bounded(statement.sql), timeoutMs: readMs, row: (raw) => raw },
    signal,
  );
  const [first] = rows;
  if (!first) return ok('No rows.');
  const columns = Object.keys(first).slice(0, mostColumns);
  const table = markdownTable(
    columns.map(escapeMarkdown),
    rows
      .slice(0, mostRows)
      .map((row) => columns.map((column) => escapeMarkdown(shorten(shownValue(row[column]), 200)))),
  );
  if (rows.length <= mostRows) return ok(table);
  const more = rows.length > mostRead ? `More than ${mostRead - mostRows}` : String(rows.length - mostRows);
  return ok(`${table}\n\n${more} more rows are not shown.`);
}

/** The same rows, but no more than can be told. What would write is sent as it is: the server refuses it by its name. */
function bounded(sql: string): string {
  const reads = /^(?:[\s(]|--[^\n]*\n|\/\*[^]*?\*\/)*(?:select|with|table|values)\b/i.test(sql);
  if (!reads || /\b(insert|update|delete|merge)\b/i.test(sql)) return sql;
  return `SELECT * FROM (\n${sql}\n) AS cell LIMIT ${mostRead + 1}`;
}

/** Sends a cell that is marked as an action through the gate: shown, asked, once, written down. */
export async function actOwn(
  text: string,
  title: string,
  connectionId: string,
  gate: ActionGate,
  role: string,
  signal: AbortSignal,
): Promise<StepResult> {
  const statement = ownStatement(text, true);
  if (!statement.ok) return failed(`**${escapeMarkdown(statement.problem)}** Nothing was run.`);
  const action: GuardedAction = {
    name: `own runbook ${title}: ${shorten(statement.sql.replace(/\s+/g, ' '), 80)}`,
    inspect: (): Promise<Inspection> =>
      Promise.resolve({
        kind: 'ready',
        plan: {
          name: `own runbook ${title}`,
          question: `Run this statement of the runbook ${title}`,
          detail: [
            'Written in this workspace, not by DB Ops: its effect and the privileges it takes are not known before.',
            'Risk: read the statement. It runs exactly as it stands, once.',
          ],
          button: 'Run',
          statement: {
            name: 'statement of the cell',
            text: statement.sql,
            row: (raw) => raw,
            timeoutMs: actMs,
            ...(statement.alone ? { alone: true } : {}),
          },
          whether: 'the statement was run',
          readAgain: 'Look at what it was to change.',
          frozen: statement.sql,
          moved: () => undefined,
          ownSession: true,
          ...(statement.alone
            ? { leftovers: 'What it leaves behind is not known: look at what it was to change.' }
            : {}),
          outcome: (rows) => ({
            kind: 'done',
            message:
              rows.length === 0 ? 'The server has run it.' : `The server has run it and returned ${rows.length} rows.`,
          }),
        },
      }),
  };
  return outcomeResult(await gate.run(connectionId, action, signal), { role });
}

function shownValue(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return value;
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}
