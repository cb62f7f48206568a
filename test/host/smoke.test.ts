import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { activated, extension } from './support/extension';

describe('the packaged extension', () => {
  it('activates in a real VS Code', async () => {
    await activated();
    assert.equal(extension().isActive, true);
  });

  it('is the package, not the source tree', () => {
    const manifest = readFileSync(path.join(extension().extensionPath, '.vsixmanifest'), 'utf8');
    assert.match(manifest, /db-ops-panel/);
  });

  it('registers every command that its manifest shows', async () => {
    await activated();
    const { contributes } = extension().packageJSON as { contributes: { commands: { command: string }[] } };
    const declared = contributes.commands.map(({ command }) => command);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.ok(declared.length > 10);
    assert.deepEqual(
      declared.filter((command) => !registered.has(command)),
      [],
    );
  });
});
