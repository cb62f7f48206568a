import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

/** The folder that is open while host tests run: empty at the start, and nobody else's. */
export function workspaceFolder(): vscode.WorkspaceFolder {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('The host suite opens a folder, and there is none.');
  return folder;
}

/** Writes a file of the workspace. @returns its address */
export function writeWorkspaceFile(relative: string, contents: string | Uint8Array): vscode.Uri {
  const file = path.join(workspaceFolder().uri.fsPath, relative);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, contents);
  return vscode.Uri.file(file);
}

/** Removes what tests wrote. For an `afterEach`, after the editors are closed. */
export function removeFromWorkspace(relative: string): void {
  rmSync(path.join(workspaceFolder().uri.fsPath, relative), { recursive: true, force: true });
}

export async function closeEditors(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
