import * as vscode from 'vscode';
import type { SeriesKey } from '../../core/history/history-store';
import type { Trend } from '../../core/history/trend';
import type { Unit } from '../../core/health/signal';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { commands, views } from '../../contributions';
import type { Alerts } from './alerts';
import type { AlertElement } from './incident-item';

/** The alerts as the composition root knows them. */
export interface RegisteredAlerts {
  /** Loads them, where nothing has yet. */
  load(): Promise<Alerts>;
  /** How a number went, for a hover; empty where nothing is known. */
  readonly past: (key: SeriesKey, unit: Unit) => Promise<readonly string[]>;
  /** How a size of the history grows; undefined where too little is known. */
  readonly trend: (key: SeriesKey) => Trend | undefined;
  dispose(): void;
}

/** The view and the commands. What they need is loaded with the first reading, or when the view is opened. */
export function registerAlerts(
  context: vscode.ExtensionContext,
  monitor: ConnectionMonitor,
  prompts: Prompts,
  log: Log,
): RegisteredAlerts {
  let loaded: Promise<Alerts> | undefined;
  let alerts: Alerts | undefined;
  const changes = new vscode.EventEmitter<undefined>();
  const load = (): Promise<Alerts> =>
    (loaded ??= import('./alerts').then(({ Alerts }) => {
      alerts = new Alerts(context, monitor, prompts, log);
      alerts.onDidChange(() => changes.fire(undefined));
      return alerts;
    }));
  const provider: vscode.TreeDataProvider<AlertElement> = {
    onDidChangeTreeData: changes.event,
    getChildren: async (element) => [...(await load()).tree.children(element)],
    // VS Code asks for items only of the children it was given.
    getTreeItem: (element) => alerts?.tree.item(element) ?? new vscode.TreeItem(''),
  };
  const onElement = [
    commands.openAlert,
    commands.acknowledgeAlert,
    commands.snoozeAlert,
    commands.muteAlert,
    commands.unmuteAlert,
  ];
  const first = monitor.onDidRead(() => {
    first.dispose();
    void load();
  });
  const parts = vscode.Disposable.from(
    vscode.window.registerTreeDataProvider(views.alerts, provider),
    ...onElement.map((command) =>
      vscode.commands.registerCommand(command, async (element?: AlertElement) =>
        (await load()).actions.run(command, element),
      ),
    ),
    vscode.commands.registerCommand(commands.startMaintenance, async () => (await load()).actions.startMaintenance()),
    vscode.commands.registerCommand(commands.endMaintenance, async () => (await load()).actions.endMaintenance()),
    first,
    changes,
  );
  return {
    load,
    trend: (key) => alerts?.trend(key),
    past: async (key, unit) => (loaded ? (await loaded).past(key, unit) : []),
    dispose: () => {
      parts.dispose();
      void loaded?.then((found) => found.dispose());
    },
  };
}
