import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../support/until';
import { workspaceFolder, writeWorkspaceFile } from '../support/workspace';

/** A module of the workspace with its migrations. Names are distinct: VS Code keeps documents of files that are gone. */
export class ModuleFiles {
  constructor(readonly name: string) {}

  /** Its migrations, below the workspace. */
  pathOf(script: string): string {
    return `${this.name}/src/main/resources/db/migration/${script}`;
  }

  uriOf(script: string): vscode.Uri {
    return vscode.Uri.joinPath(workspaceFolder().uri, this.pathOf(script));
  }

  write(script: string, text: string | Uint8Array): vscode.Uri {
    return writeWorkspaceFile(this.pathOf(script), text);
  }
}

/** Our diagnostics of a file. */
export function ours(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'DB Ops');
}

/** The rule of a diagnostic of ours; empty for one without a rule. */
export function ruleOf({ code }: vscode.Diagnostic): string {
  return typeof code === 'object' ? String(code.value) : '';
}

export function found(uri: vscode.Uri, rule: string): Promise<vscode.Diagnostic> {
  return until(`${rule} in ${uri.path}`, () => ours(uri).find((one) => ruleOf(one) === rule));
}

export function gone(uri: vscode.Uri, rule: string): Promise<boolean> {
  return until(`no ${rule} left in ${uri.path}`, () => ours(uri).every((one) => ruleOf(one) !== rule));
}

export async function actionsAt(uri: vscode.Uri, range: vscode.Range): Promise<vscode.CodeAction[]> {
  return vscode.commands.executeCommand('vscode.executeCodeActionProvider', uri, range);
}

/** The quick fix of a title, waited for: it is made for the text as it was linted. */
export async function fixAt(uri: vscode.Uri, range: vscode.Range, title: RegExp): Promise<vscode.CodeAction> {
  let seen = '';
  const action = await until(`${String(title)} at ${uri.path}`, async () => {
    const actions = await actionsAt(uri, range);
    seen = actions.map((one) => one.title).join(', ');
    return actions.find((one) => title.test(one.title));
  }).catch(() => undefined);
  assert.ok(action, `${String(title)} among ${seen}`);
  return action;
}

export async function apply(action: vscode.CodeAction): Promise<void> {
  if (action.edit) assert.ok(await vscode.workspace.applyEdit(action.edit));
  if (action.command) {
    const { command, arguments: values = [] } = action.command;
    await vscode.commands.executeCommand(command, ...(values as unknown[]));
  }
}

/** Closes what is open without saving, and waits until lint has nothing to say any more. */
export async function nothingLeft(): Promise<void> {
  const left = (): string[] =>
    vscode.languages
      .getDiagnostics()
      .filter(([, all]) => all.some(({ source }) => source === 'DB Ops'))
      .map(([uri]) => uri.path);
  await until('nothing left of the files', () => left().length === 0, 30_000).catch((error: unknown) => {
    throw new Error(`left of the files: ${left().join(', ')}`, { cause: error });
  });
}
