import * as vscode from 'vscode';
import { commands } from './contributions';
import { ConnectionMonitor } from './core/monitor/connection-monitor';
import { systemClock } from './core/ports/clock';
import type { Prompts } from './core/ports/prompts';
import { ConnectionCommands } from './vscode/connections/connection-commands';
import { Disconnections } from './vscode/connections/disconnections';
import { SecretPasswords } from './vscode/connections/secret-passwords';
import { SettingsProfiles } from './vscode/connections/settings-profiles';
import { ExtensionSettings } from './vscode/extension-settings';
import { LazyOpener, localServices } from './vscode/lazy-opener';
import { LogChannel } from './vscode/log-channel';
import { VsCodePrompts } from './vscode/prompts';
import { registerRunbooks } from './vscode/runbooks/register-runbooks';
import { ScriptedPrompts } from './vscode/scripted-prompts';
import { ConnectionsView } from './vscode/tree/connections-view';

/** What the host tests reach; undefined for everybody else. */
export interface TestApi {
  readonly prompts: ScriptedPrompts;
  readonly monitor: ConnectionMonitor;
  readonly profiles: SettingsProfiles;
  readonly passwords: SecretPasswords;
  readonly view: ConnectionsView;
}

let monitor: ConnectionMonitor | undefined;

/** Composition root: builds the parts, registers them, returns. */
export function activate(context: vscode.ExtensionContext): TestApi | undefined {
  const scripted = context.extensionMode === vscode.ExtensionMode.Test ? new ScriptedPrompts() : undefined;
  const prompts: Prompts = scripted ?? new VsCodePrompts();
  const log = new LogChannel();
  const settings = new ExtensionSettings();
  const profiles = new SettingsProfiles();
  const passwords = new SecretPasswords(context.secrets);
  const disconnections = new Disconnections(context.globalState);
  monitor = new ConnectionMonitor(profiles, new LazyOpener(passwords), systemClock, log, settings);
  const connections = new ConnectionCommands({
    profiles,
    passwords,
    monitor,
    disconnections,
    prompts,
    openerFor: (source) => new LazyOpener(source),
    services: localServices,
  });
  const view = new ConnectionsView(profiles, monitor, disconnections, settings);
  const on = (command: string, action: (argument: unknown) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(command, action);
  context.subscriptions.push(
    log,
    settings,
    profiles,
    view,
    registerRunbooks(context.extension.id, monitor, prompts, log),
    on(commands.addConnection, () => connections.add()),
    on(commands.editConnection, (argument) => connections.edit(argument)),
    on(commands.removeConnection, (argument) => connections.remove(argument)),
    on(commands.connect, (argument) => connections.connect(argument)),
    on(commands.disconnect, (argument) => connections.disconnect(argument)),
    on(commands.refresh, () => connections.refresh()),
    on(commands.showLog, () => log.show()),
    profiles.onDidChange(() => void connections.reportProblems()),
  );
  void connections.reportProblems();
  return scripted && { prompts: scripted, monitor, profiles, passwords, view };
}

/** Closes every session before the extension host ends. */
export async function deactivate(): Promise<void> {
  await monitor?.close();
}
