import * as vscode from 'vscode';
import type { Incident } from '../../core/alerts/incident';
import type { ConnectionProfile } from '../../core/connection/profile';
import type { ProfileStore } from '../../core/ports/connections';
import type { Prompts } from '../../core/ports/prompts';
import { incidentReport, type EvidenceBook } from '../../core/runbooks/incident-report';
import { runbookTitle } from '../../core/runbooks/registry';
import { notebookType } from '../../contributions';
import type { Alerts } from '../alerts/alerts';
import { pickConnection } from '../connections/pick-connection';
import { cellMeta, cellOutput, notebookMeta } from './runbook-serializer';

const hourMs = 3_600_000;

/**
 * Opens the report of what happened on a connection: of the runbook that is shown, else of the connection a person picks.
 * It holds what happened from an hour before the runbook was opened, and alerts that are older and still open; it begins
 * with the first of that.
 */
export async function exportIncident(
  argument: unknown,
  profiles: ProfileStore,
  prompts: Prompts,
  alerts: Alerts,
  osUser: string,
): Promise<void> {
  const shown = vscode.window.activeNotebookEditor?.notebook;
  const shownId = shown?.notebookType === notebookType ? notebookMeta(shown.metadata).connection?.id : undefined;
  const profile =
    (argument === undefined && shownId !== undefined ? profiles.find(shownId) : undefined) ??
    (await pickConnection(profiles, prompts, argument, vscode.l10n.t('Export Incident Report')));
  if (!profile) return;
  const to = Date.now();
  const books = vscode.workspace.notebookDocuments.filter(
    (notebook) =>
      notebook.notebookType === notebookType && notebookMeta(notebook.metadata).connection?.id === profile.id,
  );
  const mine = [...alerts.book.incidents, ...alerts.book.ended].filter(
    ({ connectionId }) => connectionId === profile.id,
  );
  const since = beginning(books, mine, to);
  const incidents = mine.filter(({ openedAt, clearedAt }) => openedAt <= to && (clearedAt ?? to) >= since);
  const actions = actionsOf(alerts, profile, since, to);
  const first = Math.min(
    to,
    ...openedOf(books, to),
    ...incidents.map(({ openedAt }) => openedAt),
    ...actions.map(({ at }) => at),
  );
  const report = incidentReport({
    connection: profile.name,
    environment: profile.environment,
    from: Math.max(since, first),
    to,
    osUser,
    incidents,
    actions,
    books: books.map(evidenceOf),
    contacts: alerts.contacts,
    reservation: alerts.history.memoryOnly,
  });
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: report });
  await vscode.window.showTextDocument(document);
}

function beginning(books: readonly vscode.NotebookDocument[], incidents: readonly Incident[], now: number): number {
  const opened = openedOf(books, now);
  const alerts = incidents.filter(({ clearedAt }) => clearedAt === null).map(({ openedAt }) => openedAt);
  const first = opened.length === 0 ? now - 24 * hourMs : Math.min(...opened) - hourMs;
  return Math.min(first, ...alerts);
}

function openedOf(books: readonly vscode.NotebookDocument[], now: number): readonly number[] {
  return books.flatMap(({ metadata }) => notebookMeta(metadata).opened ?? []).filter((at) => at <= now);
}

function actionsOf(
  alerts: Alerts,
  { id }: ConnectionProfile,
  from: number,
  to: number,
): ReturnType<Alerts['history']['actions']> {
  return alerts.history.actions(id, from, to + 1);
}

function evidenceOf(notebook: vscode.NotebookDocument): EvidenceBook {
  const meta = notebookMeta(notebook.metadata);
  const about = Object.values(meta.parameters ?? {}).map(({ label }) => label);
  let heading = '';
  const cells = notebook.getCells().map((cell) => {
    const text = cell.document.getText();
    const first = /^#+ (.*)$/m.exec(text)?.[1];
    if (cell.kind === vscode.NotebookCellKind.Markup && first !== undefined) heading = first;
    const title = heading === '' ? (cellMeta(cell.metadata).step ?? '') : heading;
    return { title, text, language: cell.document.languageId, output: cellOutput(cell.outputs) };
  });
  return { title: [runbookTitle(meta.runbook ?? ''), ...about].join(' · '), cells };
}
