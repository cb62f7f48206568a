import * as vscode from 'vscode';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import type { MonitorSettings } from '../../core/monitor/monitor-settings';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { commands, contextKeys, settings, views } from '../../contributions';
import type { SecretPasswords } from '../connections/secret-passwords';
import type { Fleet } from '../fleet/fleet';
import type { FleetElement } from '../fleet/fleet-item';
import type { Sources } from './sources';

interface Loaded {
  readonly sources: Sources;
  readonly fleet: Fleet;
}

export interface SourceParts {
  readonly monitor: ConnectionMonitor;
  readonly passwords: SecretPasswords;
  readonly secrets: vscode.SecretStorage;
  readonly settings: MonitorSettings;
  readonly prompts: Prompts;
  readonly log: Log;
}

/** Applications, poolers and the fleet. Loaded with the first reading when the settings name any, or by their view. */
export function registerSources(parts: SourceParts): vscode.Disposable {
  const { monitor, passwords, prompts, log } = parts;
  let loaded: Promise<Loaded> | undefined;
  let present: Loaded | undefined;
  let visible = false;
  const changes = new vscode.EventEmitter<undefined>();
  const load = (): Promise<Loaded> =>
    (loaded ??= Promise.all([import('./sources'), import('./source-secrets'), import('../fleet/fleet')]).then(
      ([{ Sources }, { SourceSecrets }, { Fleet }]) => {
        const secrets = new SourceSecrets(parts.secrets);
        const fleet = new Fleet(monitor.profiles, secrets, () => visible || monitor.polls);
        const sources = new Sources(monitor, secrets, passwords, parts.settings, log, fleet);
        fleet.onDidChange(() => changes.fire(undefined));
        present = { sources, fleet };
        return present;
      },
    ));
  const provider: vscode.TreeDataProvider<FleetElement> = {
    onDidChangeTreeData: changes.event,
    getChildren: async (element) => [...(await load()).fleet.children(element)],
    // VS Code asks for items only of the children it was given.
    getTreeItem: (element) => present?.fleet.item(element) ?? new vscode.TreeItem(''),
  };
  const view = vscode.window.createTreeView(views.fleet, { treeDataProvider: provider, showCollapseAll: true });
  const follow = (): void => {
    const configuration = vscode.workspace.getConfiguration(settings.section);
    const has = (name: string): boolean => (configuration.get<readonly unknown[]>(name) ?? []).length > 0;
    void vscode.commands.executeCommand('setContext', contextKeys.hasPrometheus, has(settings.prometheus));
    if ([settings.applications, settings.poolers, settings.prometheus].some(has)) void load();
  };
  const first = monitor.onDidRead(() => {
    first.dispose();
    follow();
  });
  const configured = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(settings.section)) follow();
  });
  const has = vscode.workspace.getConfiguration(settings.section).get<readonly unknown[]>(settings.prometheus) ?? [];
  void vscode.commands.executeCommand('setContext', contextKeys.hasPrometheus, has.length > 0);
  return vscode.Disposable.from(
    view,
    view.onDidChangeVisibility((event) => {
      ({ visible } = event);
      if (visible) void present?.fleet.refresh();
    }),
    vscode.commands.registerCommand(commands.refreshFleet, async () => (await load()).fleet.refresh()),
    vscode.commands.registerCommand(commands.storeCredentials, async () => {
      const [{ storeCredentials }, { SourceSecrets }, { sources }] = await Promise.all([
        import('./store-credentials'),
        import('./source-secrets'),
        load(),
      ]);
      await storeCredentials(sources.secretOwners(), prompts, new SourceSecrets(parts.secrets), passwords);
    }),
    first,
    configured,
    changes,
    new vscode.Disposable(() => {
      void loaded?.then(({ sources, fleet }) => {
        sources.dispose();
        fleet.dispose();
      });
    }),
  );
}
