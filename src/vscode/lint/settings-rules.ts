import * as vscode from 'vscode';
import { unknownRules } from '../../core/lint/rule-names';
import type { Prompts } from '../../core/ports/prompts';
import { settings } from '../../contributions';

/** Says of each misspelt id in the setting `dbOps.lint.rules`, once, that there is no such rule. */
export class SettingsRules {
  private readonly told = new Set<string>();

  constructor(private readonly prompts: Prompts) {}

  report(): void {
    const ids = (vscode.workspace.workspaceFolders ?? []).flatMap((folder) =>
      Object.keys(
        vscode.workspace
          .getConfiguration(settings.section, folder.uri)
          .get<Readonly<Record<string, unknown>>>(settings.lintRules, {}),
      ),
    );
    for (const { id, meant } of unknownRules([...new Set(ids)])) {
      if (this.told.has(id)) continue;
      this.told.add(id);
      void this.tell(id, meant);
    }
  }

  private async tell(id: string, meant: string | undefined): Promise<void> {
    const open = vscode.l10n.t('Open Settings');
    const message =
      meant === undefined
        ? vscode.l10n.t('dbOps.lint.rules: there is no rule "{0}".', id)
        : vscode.l10n.t('dbOps.lint.rules: there is no rule "{0}". Did you mean "{1}"?', id, meant);
    if ((await this.prompts.notify('warning', message, open)) === open)
      await vscode.commands.executeCommand(
        'workbench.action.openSettings',
        `${settings.section}.${settings.lintRules}`,
      );
  }
}
