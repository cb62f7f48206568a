import * as vscode from 'vscode';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { commands, longWorkKey, notebookType } from '../../contributions';
import type { RegisteredAlerts } from '../alerts/register-alerts';
import type { TreeElement } from '../tree/element';
import type { Runbooks } from './runbooks';

const ownFile = /\/\.dbops\/runbooks\/[^/]+\.md$/;

/** The commands and the notebook type. What they need is loaded with the first use. */
export function registerRunbooks(
  { extension: { id, packageJSON }, workspaceState }: vscode.ExtensionContext,
  monitor: ConnectionMonitor,
  prompts: Prompts,
  log: Log,
  alerts: RegisteredAlerts,
): vscode.Disposable {
  let loaded: Promise<Runbooks> | undefined;
  const load = (): Promise<Runbooks> =>
    (loaded ??= import('./runbooks').then(
      ({ Runbooks }) => new Runbooks(monitor, prompts, log, id, alerts, workspaceState),
    ));
  const serializer: vscode.NotebookSerializer = {
    deserializeNotebook: async (content) =>
      new (await import('./runbook-serializer')).RunbookSerializer().deserializeNotebook(content),
    serializeNotebook: async (data) =>
      new (await import('./runbook-serializer')).RunbookSerializer().serializeNotebook(data),
  };
  const attach = async (notebook: vscode.NotebookDocument): Promise<void> => {
    if (notebook.notebookType === notebookType) await (await load()).attach(notebook);
  };
  if (workspaceState.get(longWorkKey)) void load().then((runbooks) => runbooks.resumeWork());
  for (const notebook of vscode.workspace.notebookDocuments) void attach(notebook);
  const on = (command: string, run: (runbooks: Runbooks, argument?: unknown) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(command, async (argument: unknown) => run(await load(), argument));
  // A runbook is declared in package.json and written in core/runbooks; nothing in between needs to know it.
  const { contributes } = packageJSON as { contributes: { commands: readonly { command: string }[] } };
  const prefix = `${commands.openRunbook}.`;
  return vscode.Disposable.from(
    vscode.workspace.registerNotebookSerializer(notebookType, serializer),
    vscode.workspace.onDidOpenNotebookDocument((notebook) => void attach(notebook)),
    ...contributes.commands
      .filter(({ command }) => command.startsWith(prefix))
      .map(({ command }) => on(command, (runbooks, argument) => runbooks.open(command.slice(prefix.length), argument))),
    on(commands.openRunbook, (runbooks, argument) => runbooks.openOf(argument)),
    on(commands.newRunbook, (runbooks) => runbooks.create()),
    on(commands.openOwnRunbook, (runbooks) => runbooks.openOwn()),
    // Their problems are told as soon as one of them is looked at.
    vscode.workspace.onDidOpenTextDocument(({ uri }) => void (ownFile.test(uri.path) && load())),
    on(commands.whatNow, (runbooks, argument) => runbooks.whatNow(argument)),
    on(commands.exportIncident, (runbooks, argument) => runbooks.exportReport(argument)),
    on(commands.cancelQuery, (runbooks, element) => runbooks.signal(element as TreeElement | undefined, 'cancel')),
    on(commands.terminateSession, (runbooks, element) =>
      runbooks.signal(element as TreeElement | undefined, 'terminate'),
    ),
    new vscode.Disposable(() => void loaded?.then((runbooks) => runbooks.dispose())),
  );
}
