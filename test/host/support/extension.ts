import * as vscode from 'vscode';
import type { TestApi } from '../../../src/extension';

export function extension(): vscode.Extension<TestApi | undefined> {
  const found = vscode.extensions.getExtension<TestApi | undefined>('db-ops-panel.db-ops-panel');
  if (!found) throw new Error('VS Code does not know the extension.');
  return found;
}

/** What the extension shows its tests, after its activation. */
export async function activated(): Promise<TestApi> {
  const api = await extension().activate();
  if (!api) throw new Error('The extension does not know that it is tested.');
  return api;
}
