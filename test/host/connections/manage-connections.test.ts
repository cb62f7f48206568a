import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestApi } from '../../../src/extension';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { connectionTo, removeConnections, snapshotWhen } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings, useSettings } from '../support/settings';
import { until } from '../support/until';

const hostile = '"; DROP TABLE x; --"';

describe('managing connections', () => {
  let lab: Lab;
  let api: TestApi;
  before(async () => {
    lab = await sharedLab();
    api = await activated();
  });
  afterEach(async () => {
    await removeConnections();
    await resetSettings();
  });

  it('removes a connection of a hostile name with its password, after asking', async () => {
    const profile = await connectionTo(lab.primary, { name: hostile });
    const element = { kind: 'connection', connectionId: profile.id };
    api.prompts.script(false);
    await vscode.commands.executeCommand('dbOps.connection.remove', element);
    assert.equal(api.profiles.list().length, 1);
    api.prompts.script(true);
    await vscode.commands.executeCommand('dbOps.connection.remove', element);
    const [question] = api.prompts.asked;
    assert.ok(question?.kind === 'confirm' && question.question.title.includes(hostile));
    assert.equal(api.profiles.list().length, 0);
    assert.equal(await api.passwords.password(profile.id), undefined);
  });

  it('edits one field, keeps the others and the password', async () => {
    const profile = await connectionTo(lab.primary, { name: 'before' });
    api.prompts.script('Name', 'after', 'Test');
    await vscode.commands.executeCommand('dbOps.connection.edit', { kind: 'connection', connectionId: profile.id });
    assert.deepEqual(api.profiles.find(profile.id), { ...profile, name: 'after' });
    assert.equal(await api.passwords.password(profile.id), lab.primary.password);
    const menu = api.prompts.asked[0];
    assert.ok(menu?.kind === 'pick' && menu.labels.includes('Root certificate'));
  });

  it('keeps the password of one server from another', async () => {
    const profile = await connectionTo(lab.primary, { name: 'moves' });
    api.prompts.script('Host', 'localhost', 'Test', 'Save Anyway');
    await vscode.commands.executeCommand('dbOps.connection.edit', { kind: 'connection', connectionId: profile.id });
    assert.equal(api.profiles.find(profile.id)?.target.host, 'localhost');
    assert.equal(await api.passwords.password(profile.id), undefined);
  });

  it('disconnects for good and connects again, one connection on the server', async () => {
    const profile = await connectionTo(lab.primary, { name: 'once' });
    const element = { kind: 'connection', connectionId: profile.id };
    const ours = async (): Promise<number> => {
      const rows = await lab.primary.run<{ n: number }>(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'db-ops-panel'",
      );
      return rows[0]?.n ?? 0;
    };
    assert.equal(await ours(), 1);
    await vscode.commands.executeCommand('dbOps.connection.disconnect', element);
    assert.equal(api.monitor.snapshot(profile.id).watched, false);
    await until('the server sees no session of ours', async () => (await ours()) === 0);
    await vscode.commands.executeCommand('dbOps.connections.focus');
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(api.monitor.snapshot(profile.id).watched, false, 'the view does not connect it against the wish');
    await vscode.commands.executeCommand('dbOps.connection.connect', element);
    await snapshotWhen(profile.id, 'connected', ({ status }) => status === 'ok');
    assert.equal(await ours(), 1);
  });

  it('asks for a password that is missing and stores it', async () => {
    const profile = await connectionTo(lab.primary, { name: 'forgetful' });
    await api.monitor.disconnect(profile.id);
    await api.passwords.remove(profile.id);
    api.prompts.script('Enter Password…', 'wrong one', 'Enter Password…', lab.primary.password);
    await vscode.commands.executeCommand('dbOps.connection.connect', { kind: 'connection', connectionId: profile.id });
    await snapshotWhen(profile.id, 'connected', ({ status }) => status === 'ok');
    assert.equal(await api.passwords.password(profile.id), lab.primary.password);
  });

  it('refuses a password in the settings and moves it to the secret storage', async () => {
    const { host, port, user, password } = lab.primary;
    const entry = { id: 'moved', name: 'moved', target: { host, port, user, database: 'postgres' } };
    api.prompts.script('Move to Secret Storage');
    await useSettings({ connections: [{ ...entry, password }] });
    await until('it is moved', () => api.profiles.find('moved') !== undefined);
    assert.equal(await api.passwords.password('moved'), password);
    const [question] = api.prompts.asked;
    assert.ok(question?.kind === 'notify' && !question.message.includes(password));
    assert.ok(!JSON.stringify(vscode.workspace.getConfiguration('dbOps').inspect('connections')).includes(password));
  });

  it('uses no connection that a workspace brings along', async () => {
    const configuration = vscode.workspace.getConfiguration('dbOps');
    await assert.rejects(
      async () => configuration.update('connections', [{ id: 'w', name: 'w' }], vscode.ConfigurationTarget.Workspace),
      /only into User settings/,
    );
    assert.equal(api.profiles.list().length, 0);
  });
});
