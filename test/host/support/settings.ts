import * as vscode from 'vscode';

const section = 'dbOps';

/** Sets settings under `dbOps.` for the user; undefined takes one away. */
export async function useSettings(values: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    await vscode.workspace.getConfiguration(section).update(key, value, vscode.ConfigurationTarget.Global);
  }
}

/** Takes away every `dbOps.` setting of the user and the workspace. For an `afterEach`. */
export async function resetSettings(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  for (const key of declaredKeys()) {
    const found = configuration.inspect(key);
    if (found?.globalValue !== undefined) await configuration.update(key, undefined, vscode.ConfigurationTarget.Global);
    if (found?.workspaceValue !== undefined)
      await configuration.update(key, undefined, vscode.ConfigurationTarget.Workspace);
  }
}

function declaredKeys(): string[] {
  const manifest = vscode.extensions.getExtension('db-ops-panel.db-ops-panel')?.packageJSON as {
    contributes: { configuration: { properties: Record<string, unknown> } };
  };
  return Object.keys(manifest.contributes.configuration.properties).map((key) => key.slice(section.length + 1));
}
