import { readdirSync } from 'node:fs';
import path from 'node:path';
import { installExtension } from '../vscode-server';

/**
 * The folder of a packaged extension, unpacked by VS Code itself.
 * @param into a folder for it, made here
 */
export async function unpackExtension(vsix: string, into: string, version?: string): Promise<string> {
  await installExtension(vsix, into, version);
  const extensions = path.join(into, 'extensions');
  const name = readdirSync(extensions).find((entry) => entry.startsWith('db-ops-panel.'));
  if (name === undefined) throw new Error(`VS Code did not unpack ${vsix} into ${extensions}.`);
  return path.join(extensions, name);
}
