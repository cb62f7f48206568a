import * as vscode from 'vscode';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { commands } from '../../contributions';
import type { Disconnections } from '../connections/disconnections';
import type { WorkspaceBinding } from '../connections/workspace-binding';
import type { LintFeatures } from './lint-features';

/** What lint is given. */
export interface LintParts {
  readonly extensionUri: vscode.Uri;
  readonly binding: WorkspaceBinding;
  readonly monitor: ConnectionMonitor;
  readonly disconnections: Disconnections;
  readonly prompts: Prompts;
  readonly log: Log;
}

/** The commands on migrations; LintFeatures knows what each does. */
const lintCommands = [
  commands.lintMigrations,
  commands.createUndoScript,
  commands.bindWorkspace,
  commands.unbindWorkspace,
  commands.showFlywayConfiguration,
  commands.openRule,
  commands.applyFix,
] as const;
export type LintCommand = (typeof lintCommands)[number];

/** Lint of migrations, loaded when a folder is open. Works without a connection and in untrusted workspaces. */
export function registerLint(parts: LintParts): vscode.Disposable {
  let loaded: Promise<LintFeatures> | undefined;
  const load = (): Promise<LintFeatures> =>
    (loaded ??= import('./lint-features').then(({ LintFeatures }) => new LintFeatures(parts)));
  const loadWithFolder = (): void => {
    if (vscode.workspace.workspaceFolders?.length) void load();
  };
  loadWithFolder();
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeWorkspaceFolders(loadWithFolder),
    ...lintCommands.map((command) =>
      vscode.commands.registerCommand(command, async (...values: unknown[]) => (await load()).run(command, values)),
    ),
    new vscode.Disposable(() => void loaded?.then((features) => features.dispose())),
  );
}
