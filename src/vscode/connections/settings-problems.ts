import * as vscode from 'vscode';
import type { ProfileProblem } from '../../core/connection/read-profiles';
import type { Prompts } from '../../core/ports/prompts';
import type { SecretPasswords } from './secret-passwords';
import type { SettingsProfiles } from './settings-profiles';

/** Says once what is wrong in the setting, and offers to move a password out of it. */
export class SettingsProblems {
  private readonly told = new Set<string>();
  constructor(
    private readonly profiles: SettingsProfiles,
    private readonly passwords: SecretPasswords,
    private readonly prompts: Prompts,
  ) {}

  report(): void {
    for (const problem of this.profiles.problems) {
      // The password itself takes no part in what is remembered.
      const key = `${problem.index} ${problem.name ?? ''} ${problem.message}`;
      if (this.told.has(key)) continue;
      this.told.add(key);
      void this.tell(problem).then((solved) => solved && this.told.delete(key));
    }
  }

  /** Resolves with true when the problem was solved, so that it is told again should it come back. */
  private async tell(problem: ProfileProblem): Promise<boolean> {
    const { id, password, index } = problem;
    const entry = index < 0 ? 'dbOps.connections' : vscode.l10n.t('entry {0}', index + 1);
    const message = vscode.l10n.t('Connection {0}: {1}', problem.name ?? entry, problem.message);
    const move = vscode.l10n.t('Move to Secret Storage');
    const open = vscode.l10n.t('Open Settings');
    const movable = id !== undefined && password !== undefined;
    const pressed = await this.prompts.notify('warning', message, ...(movable ? [move, open] : [open]));
    if (pressed === move && movable) {
      await this.passwords.store(id, password);
      await this.profiles.stripPassword(id);
      return true;
    }
    if (pressed === open) await openSettings();
    return false;
  }
}

/** Where machine settings are edited: the remote's file when VS Code runs remotely. */
async function openSettings(): Promise<void> {
  const remote = vscode.env.remoteName !== undefined;
  const command = remote ? 'workbench.action.openRemoteSettingsFile' : 'workbench.action.openSettingsJson';
  await vscode.commands.executeCommand(command);
}
