import * as vscode from 'vscode';
import { commands } from './contributions';
import { ConnectionMonitor } from './core/monitor/connection-monitor';
import { systemClock } from './core/ports/clock';
import type { PasswordSource } from './core/ports/passwords';
import { registerAlerts, type RegisteredAlerts } from './vscode/alerts/register-alerts';
import { Disconnections } from './vscode/connections/disconnections';
import { registerConnections } from './vscode/connections/register-connections';
import { SecretPasswords } from './vscode/connections/secret-passwords';
import { SettingsProfiles } from './vscode/connections/settings-profiles';
import { WorkspaceBinding } from './vscode/connections/workspace-binding';
import { ExtensionSettings } from './vscode/extension-settings';
import { LazyOpener, localServices } from './vscode/lazy-opener';
import { LazyPrompts } from './vscode/lazy-prompts';
import { registerLint } from './vscode/lint/register-lint';
import { LogChannel } from './vscode/log-channel';
import { registerReports } from './vscode/reports/register-reports';
import { registerRunbooks } from './vscode/runbooks/register-runbooks';
import { registerSources, type RegisteredSources } from './vscode/sources/register-sources';
import type { ScriptedPrompts } from './vscode/scripted-prompts';
import { ConnectionsView } from './vscode/tree/connections-view';

/** What the host tests reach; undefined for everybody else. */
export interface TestApi {
  readonly prompts: ScriptedPrompts;
  readonly monitor: ConnectionMonitor;
  readonly profiles: SettingsProfiles;
  readonly passwords: SecretPasswords;
  readonly view: ConnectionsView;
  readonly alerts: RegisteredAlerts;
  readonly sources: RegisteredSources;
  readonly binding: WorkspaceBinding;
}

let monitor: ConnectionMonitor | undefined;

/** Composition root: builds the parts, registers them, returns. */
export async function activate(context: vscode.ExtensionContext): Promise<TestApi | undefined> {
  const tested = context.extensionMode === vscode.ExtensionMode.Test;
  const scripted = tested ? new (await import('./vscode/scripted-prompts')).ScriptedPrompts() : undefined;
  const prompts = scripted ?? new LazyPrompts();
  const log = new LogChannel();
  const profiles = new SettingsProfiles();
  const settings = new ExtensionSettings(profiles);
  const passwords = new SecretPasswords(context.secrets);
  const disconnections = new Disconnections(context.globalState);
  const binding = new WorkspaceBinding(context.workspaceState, profiles);
  monitor = new ConnectionMonitor(profiles, new LazyOpener(passwords), systemClock, log, settings);
  const alerts = registerAlerts(context, monitor, prompts, log);
  const view = new ConnectionsView(profiles, monitor, disconnections, settings, alerts.past);
  const openerFor = (source: PasswordSource): LazyOpener => new LazyOpener(source);
  const shared = { profiles, passwords, monitor, disconnections, prompts, log };
  const parts = { ...shared, steps: scripted, openerFor, services: localServices };
  const sources = registerSources({ ...parts, secrets: context.secrets, settings, alerts });
  context.subscriptions.push(
    log,
    settings,
    profiles,
    view,
    alerts,
    sources,
    registerConnections(parts),
    registerRunbooks(context, monitor, prompts, log, alerts),
    registerReports(context.extensionUri, monitor, prompts, log),
    binding,
    registerLint({ extensionUri: context.extensionUri, binding, monitor, disconnections, prompts, log }),
    vscode.commands.registerCommand(commands.showLog, () => log.show()),
  );
  return scripted && { prompts: scripted, monitor, profiles, passwords, view, alerts, sources, binding };
}

/** Closes every session before the extension host ends. */
export async function deactivate(): Promise<void> {
  await monitor?.close();
}
