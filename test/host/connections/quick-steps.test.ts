import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { QuickStepPrompts } from '../../../src/vscode/connections/quick-step-prompts';
import { back } from '../../../src/vscode/connections/step-prompts';
import { SettingsProfiles } from '../../../src/vscode/connections/settings-profiles';

/** Runs a command of the quick input again and again, as long as it is on its way to being shown. */
async function whileAsked<T>(answer: Promise<T>, command: string): Promise<T> {
  let answered = false;
  const over = answer.finally(() => (answered = true));
  while (!answered) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    await vscode.commands.executeCommand(command);
  }
  return over;
}

describe('the quick input of a sequence', () => {
  const steps = new QuickStepPrompts();
  const second = { step: 2, of: 3 };

  it('accepts the marked choice', async () => {
    const choices = [1, 2, 3].map((value) => ({ label: `choice ${value}`, value }));
    const answer = steps.pickStep(second, { title: 'Which', choices, active: 2 });
    assert.equal(await whileAsked(answer, 'workbench.action.acceptSelectedQuickOpenItem'), 2);
  });

  it('accepts an input that is valid, with the value it began with', async () => {
    const answer = steps.inputStep(second, {
      title: 'Name',
      prompt: 'A name',
      value: 'kept',
      validate: () => undefined,
    });
    assert.equal(await whileAsked(answer, 'workbench.action.acceptSelectedQuickOpenItem'), 'kept');
  });

  it('goes back by its button and gives up by Escape', async () => {
    const request = { title: 'Name', prompt: 'A name', value: 'bad', validate: () => 'never right' };
    assert.equal(await whileAsked(steps.inputStep(second, request), 'workbench.action.quickInputBack'), back);
    assert.equal(await whileAsked(steps.inputStep(second, request), 'workbench.action.closeQuickOpen'), undefined);
  });
});

describe('the setting of connections', () => {
  it('is read from the person, and what cannot be used is named and left as it is', async () => {
    const configuration = vscode.workspace.getConfiguration('dbOps');
    const entries = [{ id: 'a', name: 'good' }, { id: 'b' }, 7, { id: 'a', name: 'twice' }];
    await configuration.update('connections', entries, vscode.ConfigurationTarget.Global);
    const profiles = new SettingsProfiles();
    try {
      assert.deepEqual(
        profiles.list().map(({ name }) => name),
        ['good'],
      );
      assert.equal(profiles.problems.length, 3);
      await profiles.save({ id: 'c', name: 'new', environment: 'production', readOnly: true, target: {} });
      await profiles.remove('c');
      const kept = vscode.workspace.getConfiguration('dbOps').inspect<unknown[]>('connections')?.globalValue;
      assert.deepEqual(kept, entries);
    } finally {
      profiles.dispose();
      await configuration.update('connections', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
