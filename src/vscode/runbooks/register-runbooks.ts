import * as vscode from 'vscode';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { commands, notebookType } from '../../contributions';
import type { TreeElement } from '../tree/element';
import type { Runbooks } from './runbooks';

/** The commands and the notebook type. What they need is loaded with the first use. */
export function registerRunbooks(
  extensionId: string,
  monitor: ConnectionMonitor,
  prompts: Prompts,
  log: Log,
): vscode.Disposable {
  let loaded: Promise<Runbooks> | undefined;
  const load = (): Promise<Runbooks> =>
    (loaded ??= import('./runbooks').then(
      ({ Runbooks }) => new Runbooks(monitor, prompts, log, extensionId, (id) => monitor.refresh(id)),
    ));
  const serializer: vscode.NotebookSerializer = {
    deserializeNotebook: async (content) =>
      new (await import('./runbook-serializer')).RunbookSerializer().deserializeNotebook(content),
    serializeNotebook: async (data) =>
      new (await import('./runbook-serializer')).RunbookSerializer().serializeNotebook(data),
  };
  const attach = async (notebook: vscode.NotebookDocument): Promise<void> => {
    if (notebook.notebookType === notebookType) (await load()).attach(notebook);
  };
  for (const notebook of vscode.workspace.notebookDocuments) void attach(notebook);
  return vscode.Disposable.from(
    vscode.workspace.registerNotebookSerializer(notebookType, serializer),
    vscode.workspace.onDidOpenNotebookDocument((notebook) => void attach(notebook)),
    vscode.commands.registerCommand(commands.openLockContention, async (argument: unknown) =>
      (await load()).openLockContention(argument),
    ),
    vscode.commands.registerCommand(commands.cancelQuery, async (element?: TreeElement) =>
      (await load()).signal(element, 'cancel'),
    ),
    vscode.commands.registerCommand(commands.terminateSession, async (element?: TreeElement) =>
      (await load()).signal(element, 'terminate'),
    ),
    new vscode.Disposable(() => void loaded?.then((runbooks) => runbooks.dispose())),
  );
}
