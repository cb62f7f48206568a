import type { ConnectionProfile } from '../../../src/core/connection/profile';
import type { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import { systemClock } from '../../../src/core/ports/clock';
import type { Cell, ReportDocument, Section } from '../../../src/core/reports/document';
import type { Report } from '../../../src/core/reports/report';
import { ReportRun } from '../../../src/core/reports/report-run';
import { parseTables } from '../../../src/core/reports/tables/parse-tables';
import type { TableExtractor } from '../../../src/core/reports/tables/table-name';
import { ScriptedPrompts } from '../../../src/vscode/scripted-prompts';
import { quietLog, realMonitor, TestProfiles } from '../support/monitor';

/** The parser without the thread around it. */
export const directExtractor: TableExtractor = {
  extract: (statements) => Promise.resolve(statements.map(parseTables)),
};

export interface OpenRun {
  readonly run: ReportRun;
  readonly prompts: ScriptedPrompts;
  readonly copied: string[];
  readonly monitor: ConnectionMonitor;
  close(): Promise<void>;
}

/** A report over real sessions, as a panel has it. */
export function openRun(report: Report, profile: ConnectionProfile, options: Record<string, string> = {}): OpenRun {
  const monitor = realMonitor(new TestProfiles([profile]), 60_000);
  const prompts = new ScriptedPrompts();
  const copied: string[] = [];
  const copy = (text: string): Promise<void> => Promise.resolve(void copied.push(text));
  const run = new ReportRun(report, profile.id, options, {
    connections: monitor,
    prompts,
    clock: systemClock,
    log: quietLog,
    copy,
  });
  const close = async (): Promise<void> => {
    run.dispose();
    await monitor.close();
  };
  return { run, prompts, copied, monitor, close };
}

/** Reads once; throws what the reading failed with. */
export async function documentFrom(run: ReportRun): Promise<ReportDocument> {
  await run.refresh();
  if (run.state.phase !== 'idle') throw run.state.error instanceof Error ? run.state.error : new Error(run.state.phase);
  if (!run.document) throw new Error('There is no document.');
  return run.document;
}

export function section(document: ReportDocument, id: string): Section {
  const found = document.sections.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`No section ${id} in ${document.sections.map((each) => each.id).join(', ')}`);
  return found;
}

/** The row whose first cell matches, its cells by column, and its key. */
export function rowOf(from: Section, first: RegExp | string): { key: string; cell: Record<string, Cell> } {
  const row = from.rows.find(({ cells }) =>
    typeof first === 'string' ? cells[0]?.text === first : first.test(cells[0]?.text ?? ''),
  );
  if (!row) throw new Error(`No row ${String(first)} in ${from.rows.map(({ cells }) => cells[0]?.text).join(' | ')}`);
  return { key: row.key, cell: Object.fromEntries(from.columns.map((column, at) => [column.id, row.cells[at]!])) };
}

/** Runs an action of a row and waits for its end. @returns what it says of it */
export async function actOn(
  run: ReportRun,
  address: { section: string; row: string },
  action: string,
): Promise<string> {
  const ended = new Promise<void>((resolve) => {
    const subscription = run.onDidChangeState(() => {
      if (run.state.action !== null || run.state.message === null) return;
      subscription.dispose();
      resolve();
    });
  });
  if (!run.act(address, action)) throw new Error(`There is no action ${action} on ${address.row}.`);
  await ended;
  return run.state.message ?? '';
}
