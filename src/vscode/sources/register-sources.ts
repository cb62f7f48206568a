import * as vscode from 'vscode';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import type { MonitorSettings } from '../../core/monitor/monitor-settings';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import type { RegisteredAlerts } from '../alerts/register-alerts';
import { commands, contextKeys, settings, views } from '../../contributions';
import type { SecretPasswords } from '../connections/secret-passwords';
import type { Fleet } from '../fleet/fleet';
import { connectionIdOf } from '../connections/pick-connection';
import type { StepPrompts } from '../connections/step-prompts';
import type { FleetElement } from '../fleet/fleet-item';
import type { Sources } from './sources';

/** What the sources consist of when they are loaded. */
export interface LoadedSources {
  readonly sources: Sources;
  readonly fleet: Fleet;
}

export interface SourceParts {
  readonly monitor: ConnectionMonitor;
  readonly passwords: SecretPasswords;
  readonly secrets: vscode.SecretStorage;
  readonly settings: MonitorSettings;
  readonly prompts: Prompts;
  /** Without them it is asked in VS Code's quick input. */
  readonly steps: StepPrompts | undefined;
  readonly log: Log;
  /** Growth is taken from their history, and servers of the fleet raise alerts there. */
  readonly alerts: RegisteredAlerts;
}

/** The sources as the composition root knows them. */
export interface RegisteredSources {
  /** Loads them, where nothing has yet. */
  load(): Promise<LoadedSources>;
  dispose(): void;
}

/** Applications, poolers and the fleet. Loaded with the first reading when the settings name any, or by their view. */
export function registerSources(parts: SourceParts): RegisteredSources {
  const { monitor, passwords, prompts, log, alerts } = parts;
  let loaded: Promise<LoadedSources> | undefined;
  let present: LoadedSources | undefined;
  let visible = false;
  const changes = new vscode.EventEmitter<undefined>();
  const load = (): Promise<LoadedSources> =>
    (loaded ??= Promise.all([import('./sources'), import('./source-secrets'), import('../fleet/fleet')]).then(
      ([{ Sources }, { SourceSecrets }, { Fleet }]) => {
        const secrets = new SourceSecrets(parts.secrets);
        const fleet = new Fleet(
          monitor.profiles,
          secrets,
          () => visible || monitor.polls,
          (id) => parts.settings.limits(id),
        );
        const sources = new Sources(monitor, secrets, passwords, parts.settings, prompts, log, fleet, alerts.trend);
        fleet.onDidChange(() => changes.fire(undefined));
        void alerts.load().then((found) => found.watchFleet(fleet));
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
    if ([settings.applications, settings.poolers, settings.prometheus, settings.disks].some(has)) void load();
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
  // A fleet needs no connection to be watched in the background.
  if (has.length > 0 && parts.settings.inBackground) void load();
  const registered = vscode.Disposable.from(
    view,
    view.onDidChangeVisibility((event) => {
      ({ visible } = event);
      if (visible) void present?.fleet.refresh();
    }),
    vscode.commands.registerCommand(commands.refreshFleet, async () => (await load()).fleet.refresh()),
    vscode.commands.registerCommand(commands.addSource, async (argument: unknown) => {
      const [{ addSource }, { QuickStepPrompts }, { SourceSecrets }, { sources }] = await Promise.all([
        import('./add-source'),
        import('../connections/quick-step-prompts'),
        import('./source-secrets'),
        load(),
      ]);
      const id = connectionIdOf(argument);
      await addSource(
        {
          profiles: monitor.profiles.list(),
          steps: parts.steps ?? new QuickStepPrompts(),
          prompts,
          secrets: new SourceSecrets(parts.secrets),
          passwords,
          taken: (source) => sources.has(source),
        },
        id === undefined ? {} : { connection: monitor.profiles.find(id) },
      );
    }),
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
  return { load, dispose: () => void registered.dispose() };
}
