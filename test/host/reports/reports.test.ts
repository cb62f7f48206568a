import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { sharedLab } from '../../lab/shared-lab';
import type { Lab } from '../../lab/lab';
import { connectionTo, removeConnections } from '../support/connection';
import { activated } from '../support/extension';
import { until } from '../support/until';
import { closeEditors } from '../support/workspace';

describe('the reports', function () {
  this.timeout(60_000);
  let lab: Lab;

  before(async () => {
    lab = await sharedLab();
    await lab.primary.run('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  });

  afterEach(async () => {
    await closeEditors();
    await removeConnections();
  });

  const reportTabs = (): vscode.Tab[] =>
    vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter((tab) => tab.input instanceof vscode.TabInputWebview && tab.input.viewType.endsWith('dbOps.report'));

  for (const [command, title] of [
    ['dbOps.slowQueries.open', 'Slow Queries'],
    ['dbOps.bloat.open', 'Bloat'],
  ] as const) {
    it(`open ${title} on the connection that is picked, once`, async () => {
      const { prompts } = await activated();
      await connectionTo(lab.primary, { name: 'shop-a' });
      await connectionTo(lab.primary, { name: 'shop-b' });
      prompts.script('shop-b');
      await vscode.commands.executeCommand(command);
      await until('its panel is there', () => reportTabs().some(({ label }) => label === `${title}: shop-b`));
      prompts.script('shop-b');
      await vscode.commands.executeCommand(command);
      assert.deepEqual(
        reportTabs().map(({ label }) => label),
        [`${title}: shop-b`],
      );
    });
  }

  it('open nothing when the person backs out', async () => {
    const { prompts } = await activated();
    await connectionTo(lab.primary, { name: 'shop-a' });
    await connectionTo(lab.primary, { name: 'shop-b' });
    prompts.script(undefined);
    await vscode.commands.executeCommand('dbOps.bloat.open');
    assert.deepEqual(reportTabs(), []);
  });
});
