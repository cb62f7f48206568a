import * as vscode from 'vscode';
import { commands } from '../../contributions';
import { bindWorkspace, unbindWorkspace } from '../connections/bind-workspace';
import { createUndoScript, MigrationFixes } from './migration-fixes';
import { MigrationLint } from './migration-lint';
import type { LintCommand, LintParts } from './register-lint';

/** All of lint in the editor: what is shown and what its commands do. */
export class LintFeatures implements vscode.Disposable {
  private readonly lint: MigrationLint;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly parts: LintParts) {
    const worker = vscode.Uri.joinPath(parts.extensionUri, 'dist', 'lint-worker.js').fsPath;
    this.lint = new MigrationLint(worker, parts.prompts, parts.log);
    const selector: vscode.DocumentSelector = [{ scheme: 'file', pattern: '**/*' }];
    this.subscription = vscode.Disposable.from(
      this.lint,
      vscode.languages.registerCodeActionsProvider(selector, new MigrationFixes(this.lint), {
        providedCodeActionKinds: MigrationFixes.kinds,
      }),
    );
  }

  async run(command: LintCommand, values: readonly unknown[]): Promise<void> {
    const { binding, monitor, prompts } = this.parts;
    switch (command) {
      case commands.lintMigrations:
        return this.lint.lintOnRequest();
      case commands.createUndoScript:
        return this.createUndo(String(values[0]), String(values[1]));
      case commands.bindWorkspace:
        return bindWorkspace(binding, monitor.profiles, prompts, values[0]);
      case commands.unbindWorkspace:
        return unbindWorkspace(binding, prompts);
    }
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async createUndo(target: string, versioned: string): Promise<void> {
    const text = await this.lint.undoText(vscode.Uri.parse(versioned));
    if (text === undefined)
      await this.parts.prompts.notify('info', vscode.l10n.t('There is nothing to undo in it any more.'));
    else await createUndoScript(target, text);
  }
}
