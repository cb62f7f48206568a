import * as vscode from 'vscode';
import { resolveScripts, type ProjectScripts } from '../../core/flyway/resolve-scripts';
import { settings } from '../../contributions';
import { localFiles, slashes } from '../../files/local-files';

/** The Flyway scripts of the folders that are open, as they stand on disk. */
export async function workspaceScripts(): Promise<readonly ProjectScripts[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const found = await Promise.all(
    folders.map(({ uri }) => {
      const locations = vscode.workspace
        .getConfiguration(settings.section, uri)
        .get<readonly string[]>(settings.flywayLocations, []);
      return resolveScripts(localFiles, slashes(uri.fsPath), process.env, locations);
    }),
  );
  return found.flat();
}

/** What lint says of a script, once it has looked at it. */
export function lintOf(path: string): readonly string[] | undefined {
  const uri = vscode.Uri.file(path);
  const all = vscode.languages.getDiagnostics();
  // Without a single diagnostic anywhere nobody can tell "clean" from "not linted".
  if (!all.some(([, diagnostics]) => diagnostics.some(({ source }) => source === lintSource))) return undefined;
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === lintSource)
    .map(({ message, range }) => `line ${range.start.line + 1}: ${message}`);
}

const lintSource = 'DB Ops';
