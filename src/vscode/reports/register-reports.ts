import * as vscode from 'vscode';
import type { Connections } from '../../core/ports/connections';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { commands, reportPanelType } from '../../contributions';
import type { Reports } from './reports';

/** The commands, and the panels that come back after a reload. What they need is loaded with the first use. */
export function registerReports(
  extensionUri: vscode.Uri,
  connections: Connections,
  prompts: Prompts,
  log: Log,
): vscode.Disposable {
  let loaded: Promise<Reports> | undefined;
  const load = (): Promise<Reports> =>
    (loaded ??= import('./reports').then(({ Reports }) => new Reports(connections, prompts, log, extensionUri)));
  return vscode.Disposable.from(
    vscode.commands.registerCommand(commands.openSlowQueries, async (argument: unknown) =>
      (await load()).show('slowQueries', argument),
    ),
    vscode.commands.registerCommand(commands.openBloat, async (argument: unknown) =>
      (await load()).show('bloat', argument),
    ),
    vscode.window.registerWebviewPanelSerializer(reportPanelType, {
      deserializeWebviewPanel: async (panel, state: unknown) => (await load()).restore(panel, state),
    }),
    new vscode.Disposable(() => void loaded?.then((reports) => reports.dispose())),
  );
}
