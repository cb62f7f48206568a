import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ConnectionProfile } from '../../../src/core/connection/profile';
import { labPassword } from '../../lab/lab';
import type { AlertElement } from '../../../src/vscode/alerts/incident-item';
import { activated } from '../support/extension';
import { useSettings } from '../support/settings';
import { until } from '../support/until';
import { cellOf, endOf, ended, run, shown } from './notebook';

/** Quick to measure and quick to raise an alert, with limits of the person's own: nobody waits for minutes. */
export async function useQuickAlerts(): Promise<void> {
  await useSettings({
    'polling.activityIntervalSeconds': 1,
    'alerts.notifications': 'off',
    'alerts.rules': [{ warningForSeconds: 0, criticalForSeconds: 0, clearForSeconds: 1 }],
    thresholds: [
      { signal: 'sessions.oldest-idle-in-transaction', warning: '5 s' },
      { signal: 'locks.longest-wait', warning: '1 s' },
      { signal: 'standby.lag-bytes', warning: '1 MB' },
      { signal: 'slots.retained', warning: '64 MB' },
    ],
  });
}

/** Waits for the alert and opens its runbook from it. @returns the notebook after its diagnosis, and the alert's words */
export async function openFromAlert(
  { id }: ConnectionProfile,
  signal: string,
  about = '',
): Promise<{ notebook: vscode.NotebookDocument; words: string }> {
  const { monitor, alerts } = await activated();
  const { tree } = await alerts.load();
  const found = async (): Promise<AlertElement | undefined> => {
    // What is read once a minute is read now.
    await monitor.refresh(id).catch(() => undefined);
    return tree
      .children()
      .find(
        (one) =>
          one.kind === 'incident' &&
          one.incident.connectionId === id &&
          one.incident.signal === signal &&
          one.incident.subject.includes(about),
      );
  };
  // A source whose first reading failed is asked again after a while only.
  const element = await until(`an alert of ${signal}`, found, 60_000).catch((error: unknown) => {
    // What the tree says instead tells why.
    const { status, signals } = monitor.snapshot(id);
    throw new Error(JSON.stringify({ status, signals }, undefined, 1), { cause: error });
  });
  assert.ok(element.kind === 'incident');
  await vscode.commands.executeCommand('dbOps.alert.open', element);
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  assert.ok(notebook, 'the runbook is shown');
  await ended(cellOf(notebook, 'verdict'));
  return { notebook, words: element.incident.words };
}

/** Runs a step that acts, and waits for the look that follows by itself. */
export async function act(notebook: vscode.NotebookDocument, step: string): Promise<string> {
  const verify = cellOf(notebook, 'verify');
  const before = endOf(verify);
  const done = await run(notebook, step);
  assert.match(done, /^\S.*\n\nDone\./s, done);
  await ended(verify, before);
  return done;
}

/** Looks again until all is good. */
export async function green(notebook: vscode.NotebookDocument): Promise<void> {
  await until(
    'verify is green',
    async () => {
      const text = await run(notebook, 'verify');
      return /Good again|The graph is empty/.test(text) && cellOf(notebook, 'verify').executionSummary?.success;
    },
    20_000,
  ).catch((error: unknown) => {
    throw new Error(shown(cellOf(notebook, 'verify')), { cause: error });
  });
}

/** Exports the report of a notebook; it must hold every part. */
export async function report(notebook: vscode.NotebookDocument, ...parts: readonly (string | RegExp)[]): Promise<void> {
  await vscode.window.showNotebookDocument(notebook);
  await vscode.commands.executeCommand('dbOps.incident.export');
  const text = await until('the report', () => {
    const document = vscode.window.activeTextEditor?.document;
    return document?.getText().startsWith('# Incident on ') === true ? document.getText() : undefined;
  });
  for (const part of parts)
    assert.ok(typeof part === 'string' ? text.includes(part) : part.test(text), `${String(part)} in\n${text}`);
  assert.ok(!text.includes(labPassword), 'no secret');
}
