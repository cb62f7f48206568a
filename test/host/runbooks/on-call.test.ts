import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestApi } from '../../../src/extension';
import { lockChain } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { connectionTo, removeConnections } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings, useSettings } from '../support/settings';
import { until } from '../support/until';
import { removeFromWorkspace } from '../support/workspace';
import { closeNotebooks, ended, shown, start } from './notebook';

describe('on call', function () {
  this.timeout(60_000);
  let lab: Lab;
  let api: TestApi;
  before(async () => {
    lab = await sharedLab();
    api = await activated();
  });
  beforeEach(async () => {
    api.prompts.script();
    await useSettings({
      'polling.activityIntervalSeconds': 1,
      'alerts.notifications': 'off',
      thresholds: [{ connection: 'on-call', signal: 'locks.longest-wait', warning: '1 s' }],
    });
  });
  afterEach(async () => {
    await closeNotebooks();
    await resetSettings();
    await removeConnections();
    removeFromWorkspace('.dbops');
  });

  it('"What Now?" names what to do first, worst first, and leads to the runbook', async () => {
    await connectionTo(lab.primary, { name: 'on-call' });
    const chain = await lockChain(lab.primary);
    try {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      // Backs out: what was offered is what counts here.
      await vscode.commands.executeCommand('dbOps.onCall.whatNow');
      const offered = api.prompts.asked.at(-1);
      assert.ok(offered?.kind === 'pick', JSON.stringify(offered));
      const locks = offered.labels.find((label) => /blocked/.test(label));
      assert.ok(locks, offered.labels.join('\n'));
      api.prompts.script(locks.slice(0, 10));
      await vscode.commands.executeCommand('dbOps.onCall.whatNow');
      const notebook = await until('the runbook', () => vscode.window.activeNotebookEditor?.notebook);
      assert.equal(notebook.metadata['runbook'], 'lock-contention');
    } finally {
      await chain.heal();
    }
  });

  it('a runbook of the workspace begins with a built-in one, reads, and refuses to change anything', async () => {
    await connectionTo(lab.primary, { name: 'on-call' });
    api.prompts.script('Lock Contention', 'our locks');
    await vscode.commands.executeCommand('dbOps.runbook.new');
    const notebook = await until('the notebook', () => vscode.window.activeNotebookEditor?.notebook);
    assert.match(notebook.uri.path, /\/\.dbops\/runbooks\/our-locks\.dbops\.md$/);
    const sql = notebook.getCells().find(({ document }) => document.languageId === 'sql');
    assert.ok(sql, 'its statements are cells of their own');
    const runText = async (text: string): Promise<string> => {
      const edit = new vscode.WorkspaceEdit();
      edit.replace(sql.document.uri, new vscode.Range(0, 0, sql.document.lineCount, 0), text);
      await vscode.workspace.applyEdit(edit);
      const before = sql.executionSummary?.timing?.endTime;
      await start(notebook, sql);
      await ended(sql, before);
      return shown(sql);
    };
    assert.match(await runText("SELECT 'seen' AS answer"), /seen/);
    const count = async (): Promise<number | undefined> =>
      (
        await lab.primary.run<{ n: number }>("SELECT count(*)::int AS n FROM pg_class WHERE relname = 'made_by_a_cell'")
      )[0]?.n;
    assert.doesNotMatch(await runText('CREATE TABLE made_by_a_cell (id int)'), /Done/);
    assert.doesNotMatch(await runText('SELECT 1; CREATE TABLE made_by_a_cell (id int)'), /Done/);
    assert.equal(await count(), 0);
  });
});
