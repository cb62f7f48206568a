import * as vscode from 'vscode';
import type { PlacedFix } from '../../core/lint/worker-messages';
import { MigrationSignals } from '../../core/monitor/migration-signals';
import { commands, settings } from '../../contributions';
import { bindWorkspace, unbindWorkspace } from '../connections/bind-workspace';
import { applyFix, createUndoScript } from './apply-fix';
import { BoundDatabase } from './bound-database';
import { boundMigrations } from './bound-migrations';
import { FileStates } from './file-states';
import { FlywayConfiguration } from './flyway-configuration';
import { lintOnRequest } from './lint-on-request';
import { MigrationFixes } from './migration-fixes';
import { MigrationLint } from './migration-lint';
import type { LintCommand, LintParts } from './register-lint';
import { openRulePage } from './rule-page';
import { ScopeStatus } from './scope-status';
import { SettingsRules } from './settings-rules';
import { StateDecorations, StateLenses } from './state-lenses';
import { StatementHover } from './statement-hover';

/** All of lint in the editor: what is shown and what its commands do. */
export class LintFeatures implements vscode.Disposable {
  private readonly lint: MigrationLint;
  private readonly database: BoundDatabase;
  private readonly configuration: FlywayConfiguration;
  private readonly states: FileStates;
  private readonly lenses: StateLenses;
  private readonly decorations: StateDecorations;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly parts: LintParts) {
    const worker = vscode.Uri.joinPath(parts.extensionUri, 'dist', 'lint-worker.js').fsPath;
    this.lint = new MigrationLint(worker, parts.log);
    this.database = new BoundDatabase(parts);
    this.states = new FileStates(this.lint, this.database);
    this.configuration = new FlywayConfiguration(this.lint, this.database);
    this.lenses = new StateLenses(this.states);
    this.decorations = new StateDecorations(this.states);
    const rules = new SettingsRules(parts.prompts);
    rules.report();
    const { languages, workspace, window } = vscode;
    const files: vscode.DocumentSelector = [{ scheme: 'file', pattern: '**/*' }];
    const migrations = new MigrationSignals(boundMigrations(parts.binding, this.lint, this.database));
    this.subscription = vscode.Disposable.from(
      parts.monitor.attach(migrations),
      migrations,
      this.lint,
      this.database,
      new ScopeStatus(this.lint, this.database),
      languages.registerCodeActionsProvider(files, new MigrationFixes(this.lint), {
        providedCodeActionKinds: MigrationFixes.kinds,
      }),
      languages.registerHoverProvider(files, new StatementHover(this.lint)),
      languages.registerCodeLensProvider(files, this.lenses),
      window.registerFileDecorationProvider(this.decorations),
      workspace.registerTextDocumentContentProvider(FlywayConfiguration.scheme, this.configuration),
      languages.registerDocumentLinkProvider(FlywayConfiguration.selector, this.configuration),
      this.lint.onDidLint(() => this.showStates()),
      this.database.onDidChange(() => {
        const { state } = this.database;
        this.lint.setReading(state.kind === 'current' ? state.reading : undefined);
        // What is not known any more is said at once; what is new, with the run that it begins.
        if (state.kind !== 'current') this.showStates();
      }),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${settings.section}.${settings.lintRules}`)) rules.report();
      }),
    );
    const { state } = this.database;
    if (state.kind === 'current') this.lint.setReading(state.reading);
  }

  async run(command: LintCommand, values: readonly unknown[]): Promise<void> {
    const { binding, monitor, prompts, extensionUri } = this.parts;
    switch (command) {
      case commands.lintMigrations:
        return lintOnRequest(this.lint, prompts);
      case commands.createUndoScript:
        return this.createUndo(String(values[0]), String(values[1]));
      case commands.applyFix:
        return applyFix(prompts, String(values[0]), Number(values[1]), values[2] as PlacedFix);
      case commands.bindWorkspace:
        return bindWorkspace(binding, monitor.profiles, prompts, values[0]);
      case commands.unbindWorkspace:
        return unbindWorkspace(binding, prompts);
      case commands.showFlywayConfiguration:
        return this.configuration.show(
          typeof values[0] === 'string' ? vscode.Uri.parse(values[0]) : vscode.window.activeTextEditor?.document.uri,
        );
      case commands.openRule:
        return openRulePage(extensionUri, prompts, String(values[0]));
    }
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private showStates(): void {
    this.database.setHistoryTables(this.lint.projects.map(({ table }) => table));
    this.decorations.changed(this.states.update());
    this.lenses.changed();
    this.configuration.changed();
  }

  private async createUndo(target: string, versioned: string): Promise<void> {
    const text = await this.lint.client.undoText(vscode.Uri.parse(versioned).fsPath.replaceAll('\\', '/'));
    if (text === undefined)
      await this.parts.prompts.notify('info', vscode.l10n.t('There is nothing to undo in it any more.'));
    else await createUndoScript(target, text);
  }
}
