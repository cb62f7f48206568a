import * as vscode from 'vscode';
import type { ProfileStore } from '../../core/ports/connections';
import type { Prompts } from '../../core/ports/prompts';
import { commands } from '../../contributions';
import { pickConnection } from './pick-connection';
import type { WorkspaceBinding } from './workspace-binding';

/** Asks for the connection whose database the migrations are for, or takes that of a tree element, and binds to it. */
export async function bindWorkspace(
  binding: WorkspaceBinding,
  profiles: ProfileStore,
  prompts: Prompts,
  argument: unknown,
): Promise<void> {
  if ((vscode.workspace.workspaceFolders ?? []).length === 0) {
    await prompts.notify('info', vscode.l10n.t('Open the folder with the migrations first, then bind it.'));
    return;
  }
  if (!vscode.workspace.isTrusted) {
    const manage = vscode.l10n.t('Manage Workspace Trust');
    const message = vscode.l10n.t('This workspace is not trusted: its migrations are linted without a database.');
    if ((await prompts.notify('info', message, manage)) === manage)
      await vscode.commands.executeCommand('workbench.trust.manage');
    return;
  }
  if (profiles.list().length === 0) {
    const add = vscode.l10n.t('Add Connection…');
    if ((await prompts.notify('info', vscode.l10n.t('There is no connection yet.'), add)) === add)
      await vscode.commands.executeCommand(commands.addConnection);
    return;
  }
  const title = vscode.l10n.t('The database of the migrations of this workspace');
  const profile = await pickConnection(profiles, prompts, argument, title);
  if (!profile) return;
  await binding.bind(profile.id);
  await prompts.notify(
    'info',
    vscode.l10n.t('The migrations of this workspace are bound to {0}. Only this machine knows.', profile.name),
  );
}

export async function unbindWorkspace(binding: WorkspaceBinding, prompts: Prompts): Promise<void> {
  const name = binding.connection?.name;
  await binding.bind(undefined);
  await prompts.notify(
    'info',
    name === undefined
      ? vscode.l10n.t('This workspace is bound to no connection.')
      : vscode.l10n.t('This workspace is no longer bound to {0}.', name),
  );
}
