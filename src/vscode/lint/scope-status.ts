import * as vscode from 'vscode';
import { commands } from '../../contributions';
import type { BoundDatabase } from './bound-database';
import { pathOf } from './folder-request';
import type { MigrationLint } from './migration-lint';
import { scopeReason, scopeWords } from './scope-words';

/** The language status item of a migration: which scripts are looked at, and by which database or branch. */
export class ScopeStatus implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('dbOps.lintScope', []);
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly lint: MigrationLint,
    private readonly database: BoundDatabase,
  ) {
    this.item.name = vscode.l10n.t('Lint of Migrations');
    const show = (): void => this.show();
    this.subscription = vscode.Disposable.from(
      this.item,
      lint.onDidLint(show),
      database.onDidChange(show),
      vscode.window.onDidChangeActiveTextEditor(show),
    );
    this.show();
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private show(): void {
    const uri = vscode.window.activeTextEditor?.document.uri;
    const file = uri?.scheme === 'file' ? pathOf(uri) : undefined;
    const project = this.lint.projects.find(({ migrationFolders }) =>
      migrationFolders.some((folder) => file?.startsWith(`${folder}/`)),
    );
    if (!project || !uri) {
      this.item.selector = [];
      return;
    }
    const { state } = this.database;
    const unknown = state.kind === 'unknown';
    this.item.selector = { scheme: 'file', pattern: uri.fsPath };
    this.item.text = vscode.l10n.t('Lint: {0}', scopeWords(project.scope));
    // VS Code cuts what is longer than some 60 letters, and the link behind it: why it is so stands where the link leads.
    this.item.detail = unknown ? vscode.l10n.t('{0} is not known now', state.name) : '';
    const why = unknown
      ? vscode.l10n.t('{0} is not known now: {1}', state.name, state.why)
      : scopeReason(project.scope);
    this.item.accessibilityInformation = { label: `${this.item.text}. ${why}` };
    this.item.severity = unknown ? vscode.LanguageStatusSeverity.Warning : vscode.LanguageStatusSeverity.Information;
    this.item.command = {
      title: vscode.l10n.t('Why'),
      tooltip: why,
      command: commands.showFlywayConfiguration,
      arguments: [uri.toString()],
    };
  }
}
