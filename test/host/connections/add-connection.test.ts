import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { back } from '../../../src/vscode/connections/step-prompts';
import type { TestApi } from '../../../src/extension';
import { sharedLab } from '../../lab/shared-lab';
import type { Lab } from '../../lab/lab';
import { removeConnections, snapshotWhen } from '../support/connection';
import { activated } from '../support/extension';
import { until } from '../support/until';
import { closeEditors } from '../support/workspace';

const add = 'dbOps.connection.add';

/** The text of the settings file, when it holds `expected`: VS Code reloads it a moment after it was written. */
async function settingsText(expected: string): Promise<string> {
  await vscode.commands.executeCommand(
    vscode.env.remoteName === undefined
      ? 'workbench.action.openSettingsJson'
      : 'workbench.action.openRemoteSettingsFile',
  );
  const text = await until('the settings hold the connection', () => {
    const shown = vscode.window.activeTextEditor?.document.getText() ?? '';
    return shown.includes(expected) && shown;
  });
  await closeEditors();
  return text;
}

describe('adding a connection', () => {
  let lab: Lab;
  let api: TestApi;
  before(async () => {
    lab = await sharedLab();
    api = await activated();
  });
  afterEach(removeConnections);

  it('takes a connection string, tests it, and keeps its password in the secret storage alone', async () => {
    api.prompts.script('Connection string', lab.primary.url(), 'shop "prod" 🐘', 'staging', 'Allow');
    await vscode.commands.executeCommand(add);
    const [profile] = api.profiles.list();
    assert.ok(profile, JSON.stringify(api.prompts.asked));
    assert.equal(profile.name, 'shop "prod" 🐘');
    assert.deepEqual(profile.target, {
      host: '127.0.0.1',
      port: lab.primary.port,
      user: 'postgres',
      database: 'postgres',
    });
    assert.equal(profile.environment, 'staging');
    assert.equal(await api.passwords.password(profile.id), lab.primary.password);
    const text = await settingsText(JSON.stringify(profile.name));
    assert.ok(!text.includes(lab.primary.password), 'the settings hold no password');
    await snapshotWhen(profile.id, 'it is connected', (snapshot) => snapshot.status === 'ok');
  });

  it('goes back with the answers kept, and makes production read-only', async () => {
    const { host, port, user, password } = lab.primary;
    api.prompts.script(
      'Host',
      host,
      '1',
      'wrong',
      back,
      back,
      String(port),
      'postgres',
      user,
      'prefer',
      'main',
      'production',
      'Read-only',
      password,
    );
    await vscode.commands.executeCommand(add);
    const [profile] = api.profiles.list();
    assert.ok(profile, JSON.stringify(api.prompts.asked));
    assert.deepEqual(profile.target, { host, port, database: 'postgres', user, sslMode: 'prefer' });
    assert.equal(profile.readOnly, true);
    const asked = api.prompts.asked.filter((question) => question.kind === 'input');
    assert.equal(asked.at(2)?.request.value, undefined);
    assert.equal(asked.at(3)?.request.value, '1', 'the port as it was typed first');
    const readOnly = api.prompts.asked.findLast((question) => question.kind === 'pick');
    assert.equal(readOnly?.labels[0], 'Read-only');
  });

  it('says exactly why a test failed and saves nothing until told to', async () => {
    const wrong = lab.primary.url({ password: 'not it' });
    api.prompts.script('Connection string', wrong, 'wrong', 'development', 'Allow', 'Edit', undefined);
    await vscode.commands.executeCommand(add);
    const failure = api.prompts.asked.find((question) => question.kind === 'notify');
    assert.match(failure?.message ?? '', /password/i);
    assert.ok(!failure?.message.includes('not it'));
    assert.equal(api.profiles.list().length, 0);
    api.prompts.script(
      'Connection string',
      wrong,
      'wrong',
      'development',
      'Allow',
      'Edit',
      'Password',
      lab.primary.password,
      'Test',
    );
    await vscode.commands.executeCommand(add);
    assert.equal(api.profiles.list().length, 1, JSON.stringify(api.prompts.asked));
  });

  it('saves what cannot be reached when the person insists, and names the way out', async () => {
    api.prompts.script(
      'Connection string',
      'postgresql://u:p@127.0.0.1:1/d',
      'away',
      'development',
      'Allow',
      'Save Anyway',
    );
    await vscode.commands.executeCommand(add);
    const failure = api.prompts.asked.find((question) => question.kind === 'notify');
    assert.match(failure?.message ?? '', /127\.0\.0\.1:1/);
    const [profile] = api.profiles.list();
    assert.ok(profile);
    const snapshot = await snapshotWhen(profile.id, 'unreachable', ({ status }) => status === 'unreachable');
    assert.equal(snapshot.failure, 'connection-refused');
  });

  it('refuses names that are taken and strings that cannot be read', async () => {
    api.prompts.script('Connection string', lab.primary.url(), 'taken', 'development', 'Allow');
    await vscode.commands.executeCommand(add);
    api.prompts.script('Connection string', lab.primary.url(), 'taken');
    await vscode.commands.executeCommand(add);
    assert.equal(api.profiles.list().length, 1);
    const name = api.prompts.asked.findLast((question) => question.kind === 'input');
    assert.equal(name?.request.validate?.('taken'), 'There is a connection of this name.');
    api.prompts.script('Connection string', 'mysql://u:secret@h/d');
    await vscode.commands.executeCommand(add);
    const text = api.prompts.asked.findLast((question) => question.kind === 'input');
    const problem = text?.request.validate?.('mysql://u:secret@h/d') ?? '';
    assert.match(problem, /postgresql:\/\//);
    assert.ok(!problem.includes('secret'));
  });
});
