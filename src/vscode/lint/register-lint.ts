import * as vscode from 'vscode';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { commands } from '../../contributions';
import type { MigrationLint } from './migration-lint';

/** Lint of migrations, loaded when a folder is open. Works without a connection and in untrusted workspaces. */
export function registerLint(extensionUri: vscode.Uri, prompts: Prompts, log: Log): vscode.Disposable {
  let loaded: Promise<MigrationLint> | undefined;
  const subscriptions: { dispose(): void }[] = [];
  const load = (): Promise<MigrationLint> => {
    loaded ??= Promise.all([import('./migration-lint'), import('./migration-fixes')]).then(
      ([{ MigrationLint }, { MigrationFixes }]) => {
        const lint = new MigrationLint(
          vscode.Uri.joinPath(extensionUri, 'dist', 'lint-worker.js').fsPath,
          prompts,
          log,
        );
        const selector: vscode.DocumentSelector = [{ scheme: 'file', pattern: '**/*' }];
        subscriptions.push(
          lint,
          vscode.languages.registerCodeActionsProvider(selector, new MigrationFixes(lint), {
            providedCodeActionKinds: MigrationFixes.kinds,
          }),
        );
        return lint;
      },
    );
    return loaded;
  };
  const loadWithFolder = (): void => {
    if ((vscode.workspace.workspaceFolders ?? []).length > 0) void load();
  };
  loadWithFolder();
  subscriptions.push(
    vscode.workspace.onDidChangeWorkspaceFolders(loadWithFolder),
    vscode.commands.registerCommand(commands.lintMigrations, async () => (await load()).lintOnRequest()),
    vscode.commands.registerCommand(commands.createUndoScript, async (target: string, versioned: string) => {
      const text = await (await load()).undoText(vscode.Uri.parse(versioned));
      if (text === undefined) await prompts.notify('info', vscode.l10n.t('There is nothing to undo in it any more.'));
      else await (await import('./migration-fixes')).createUndoScript(target, text);
    }),
  );
  return new vscode.Disposable(() => {
    for (const subscription of subscriptions) subscription.dispose();
  });
}
