import * as vscode from 'vscode';
import { commands } from '../../contributions';
import type { ConnectionCommands, ConnectionCommandsContext } from './connection-commands';
import type { SettingsProblems } from './settings-problems';

/**
 * The commands on connections and the word on what is wrong in the setting. Both are loaded with the first use. Without
 * `steps` they ask in VS Code's quick input.
 */
export function registerConnections(
  context: Omit<ConnectionCommandsContext, 'steps'> & {
    readonly steps: ConnectionCommandsContext['steps'] | undefined;
  },
): vscode.Disposable {
  let loaded: Promise<ConnectionCommands> | undefined;
  const load = (): Promise<ConnectionCommands> =>
    (loaded ??= Promise.all([import('./connection-commands'), import('./quick-step-prompts')]).then(
      ([{ ConnectionCommands }, { QuickStepPrompts }]) =>
        new ConnectionCommands({ ...context, steps: context.steps ?? new QuickStepPrompts() }),
    ));
  let problems: Promise<SettingsProblems> | undefined;
  const report = (): void => {
    if (context.profiles.problems.length === 0) return;
    problems ??= import('./settings-problems').then(
      ({ SettingsProblems }) => new SettingsProblems(context.profiles, context.passwords, context.prompts),
    );
    void problems.then((loaded) => loaded.report());
  };
  report();
  const on = (
    command: string,
    action: (all: ConnectionCommands, argument: unknown) => Promise<void>,
  ): vscode.Disposable =>
    vscode.commands.registerCommand(command, async (argument: unknown) => action(await load(), argument));
  return vscode.Disposable.from(
    context.profiles.onDidChange(report),
    on(commands.addConnection, (all) => all.add()),
    on(commands.editConnection, (all, argument) => all.edit(argument)),
    on(commands.removeConnection, (all, argument) => all.remove(argument)),
    on(commands.connect, (all, argument) => all.connect(argument)),
    on(commands.disconnect, (all, argument) => all.disconnect(argument)),
    vscode.commands.registerCommand(commands.refresh, () => context.monitor.refresh()),
  );
}
