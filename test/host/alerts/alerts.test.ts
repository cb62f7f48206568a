import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestApi } from '../../../src/extension';
import type { Alerts } from '../../../src/vscode/alerts/alerts';
import type { AlertElement } from '../../../src/vscode/alerts/incident-item';
import { lockChain } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { connectionTo, removeConnections } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings, useSettings } from '../support/settings';
import { closeEditors } from '../support/workspace';
import { until } from '../support/until';

describe('alerts', () => {
  let lab: Lab;
  let api: TestApi;
  let alerts: Alerts;
  before(async () => {
    lab = await startLab();
    api = await activated();
    alerts = await api.alerts.load();
    await vscode.commands.executeCommand('dbOps.connections.focus');
  });
  after(async () => {
    await lab.stop();
  });
  beforeEach(async () => {
    api.prompts.script();
    await useSettings({
      'polling.activityIntervalSeconds': 1,
      'alerts.notifications': 'warning',
      'alerts.contacts': { L1: 'on-call@example.com', L2: 'dba@example.com' },
      // By name, as a person writes it: only this connection is quick to tell, and only of locks.
      'alerts.rules': [
        { enabled: false },
        {
          connection: 'incident',
          signal: 'locks.longest-wait',
          enabled: true,
          warningForSeconds: 0,
          criticalForSeconds: 0,
          clearForSeconds: 1,
        },
      ],
    });
  });
  afterEach(async () => {
    await resetSettings();
    await removeConnections();
    await closeEditors();
    for (const key of alerts.book.mutedKeys) alerts.book.unmute(key);
  });

  /** The elements of the view, with the children of groups. */
  function elements(): AlertElement[] {
    return alerts.tree.children().flatMap((element) => [element, ...alerts.tree.children(element)]);
  }
  function itemOf(element: AlertElement): vscode.TreeItem & { readonly words: string; readonly name: string } {
    const item = alerts.tree.item(element);
    const name = typeof item.label === 'string' ? item.label : '';
    return Object.assign(item, { words: String(item.description), name });
  }
  const active = (): AlertElement | undefined => elements().find(({ kind }) => kind === 'incident');
  const told = (): string[] =>
    api.prompts.asked.flatMap((asked) =>
      asked.kind === 'notify' && asked.message.startsWith('incident:') ? [asked.message] : [],
    );

  it('are told once, say what to do first and whom to ask, and end by themselves', async () => {
    const profile = await connectionTo(lab.primary, { name: 'incident' });
    const chain = await lockChain(lab.primary);
    try {
      const element = await until('an incident', active);
      assert.ok(element.kind === 'incident');
      const item = itemOf(element);
      assert.match(item.name, /^incident: /);
      assert.match(item.words, /^L1 · /);
      assert.match(item.accessibilityInformation?.label ?? '', /^(warning|critical) alert, incident: /);
      assert.equal(item.contextValue, 'incident');
      const hover = item.tooltip instanceof vscode.MarkdownString ? item.tooltip : undefined;
      assert.ok(hover && hover.isTrusted !== true && hover.supportHtml !== true);
      assert.match(hover.value, /^\*\*Find the session at the root and see whether it may be ended/);
      // What a person wrote is shown as text, and is no link.
      assert.match(hover.value, /L1 On-call: on-call&#64;example\\\.com/);
      // Several polls later it has still been told once.
      await until('told', () => told().length > 0);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      assert.equal(told().length, 1, told().join('\n'));
      await vscode.commands.executeCommand('dbOps.alert.acknowledge', element);
      assert.match(itemOf(active()!).words, / · acknowledged/);
    } finally {
      await chain.heal();
    }
    await until('no incident', () => active() === undefined);
    const past = elements().find((one) => one.kind === 'past' && one.incident.connectionId === profile.id);
    assert.ok(past);
    assert.match(itemOf(past).words, / ended .* ago$/);
    assert.equal(itemOf(past).contextValue, 'incident.past');
  });

  it('open the runbook of the incident from the message', async () => {
    await connectionTo(lab.primary, { name: 'incident' });
    api.prompts.script('Open');
    const chain = await lockChain(lab.primary);
    try {
      await until('told', () => told().length > 0);
      const notebook = await until(
        'the runbook',
        () => vscode.window.activeNotebookEditor?.notebook.notebookType === 'dbOps.runbook',
      );
      assert.ok(notebook);
    } finally {
      await chain.heal();
    }
    await until('no incident', () => active() === undefined);
  });

  it('are never told again once that was chosen, and can be again', async () => {
    await connectionTo(lab.primary, { name: 'incident' });
    api.prompts.script('Never for This');
    const first = await lockChain(lab.primary);
    await until('told', () => told().length > 0);
    const element = await until('muted', () => {
      const found = active();
      return found && itemOf(found).contextValue === 'incident.muted' ? found : undefined;
    });
    assert.match(itemOf(element).words, / · never told/);
    await first.heal();
    await until('no incident', () => active() === undefined);
    const second = await lockChain(lab.primary);
    try {
      await until('a second incident', active);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.equal(told().length, 1, 'the second is recorded and not told');
      const muted = elements().find(({ kind }) => kind === 'muted');
      assert.ok(muted);
      assert.match(itemOf(muted).name, /^incident · locks\.longest-wait/);
      await vscode.commands.executeCommand('dbOps.alert.unmute', muted);
      assert.deepEqual(alerts.book.mutedKeys, []);
    } finally {
      await second.heal();
    }
    await until('no incident', () => active() === undefined);
  });

  it('are recorded and not told during maintenance, and snooze for as long as a person wants', async () => {
    await connectionTo(lab.primary, { name: 'incident' });
    api.prompts.script('incident', '30 minutes');
    await vscode.commands.executeCommand('dbOps.maintenance.start');
    const chain = await lockChain(lab.primary);
    try {
      const element = await until('an incident', active);
      await new Promise((resolve) => setTimeout(resolve, 2000));
      assert.deepEqual(told(), []);
      api.prompts.script('1 hour');
      await vscode.commands.executeCommand('dbOps.alert.snooze', element);
      assert.match(itemOf(active()!).words, / · snoozed/);
      const line = alerts.tree.item(active()!).tooltip as vscode.MarkdownString;
      assert.match(line.value, /Snoozed for another (59|60) min/);
      await vscode.commands.executeCommand('dbOps.maintenance.end');
    } finally {
      await chain.heal();
    }
    await until('no incident', () => active() === undefined);
  });

  it('say which rule cannot be used, and count the others', async () => {
    const rule = { connection: 'nobody', signal: 'locks.*', enabled: false };
    await useSettings({ 'alerts.rules': [rule, { sginal: 'locks.*' }] });
    const said = (part: string): string | undefined =>
      api.prompts.asked
        .flatMap((asked) => (asked.kind === 'notify' ? [asked.message] : []))
        .find((one) => one.includes(part));
    const unknown = await until('the name is told', () => said('"nobody"'));
    assert.match(unknown, /^Entry 1 of dbOps\.alerts\.rules: "nobody" is no saved connection\./);
    assert.ok(said('Rule 2 of dbOps.alerts.rules: "sginal" is not known'));
  });
});
