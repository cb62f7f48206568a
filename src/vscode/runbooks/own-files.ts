import * as vscode from 'vscode';
import type { Prompts } from '../../core/ports/prompts';
import { fromBuiltIn } from '../../core/runbooks/own/from-built-in';
import { runbookEntries } from '../../core/runbooks/registry';
import { formatRunbook } from '../../core/runbooks/runbook-file';
import type { Shelf } from '../../core/runbooks/shelf';
import { notebookType } from '../../contributions';
import { newestMajor } from './step-runner';

const place = ['.dbops', 'runbooks'] as const;

/** Whether a file lies where runbooks of the workspace are kept. */
export function isOwnPlace(uri: vscode.Uri): boolean {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  return folder !== undefined && uri.path.startsWith(`${folder.uri.path.replace(/\/$/, '')}/${place.join('/')}/`);
}

/** The name of a runbook of the workspace, out of its file. */
export function titleOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1).replace(/(\.dbops)?\.md$/i, '');
}

/** The runbooks of all open folders. */
export async function ownFiles(): Promise<readonly vscode.Uri[]> {
  const found: vscode.Uri[] = [];
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    const folder = vscode.Uri.joinPath(uri, ...place);
    const entries = await vscode.workspace.fs.readDirectory(folder).then(undefined, () => []);
    for (const [name, type] of entries)
      if (type !== vscode.FileType.Directory && name.endsWith('.md')) found.push(vscode.Uri.joinPath(folder, name));
  }
  return found;
}

/** Lets a person choose a runbook of the workspace and opens it as a notebook. */
export async function openOwn(prompts: Prompts): Promise<void> {
  const files = await ownFiles();
  if (files.length === 0) {
    await prompts.notify(
      'info',
      vscode.l10n.t('There is no runbook in .dbops/runbooks yet: "DB Ops: New Runbook" makes one.'),
    );
    return;
  }
  const chosen = await prompts.pick(
    vscode.l10n.t('Open Runbook of This Workspace'),
    files.map((uri) => ({ label: titleOf(uri), description: vscode.workspace.asRelativePath(uri), value: uri })),
  );
  if (chosen) await vscode.commands.executeCommand('vscode.openWith', chosen, notebookType);
}

/** Makes a runbook of the workspace out of a built-in one. */
export async function newOwn(shelf: Shelf, prompts: Prompts): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) {
    await prompts.notify('info', vscode.l10n.t('Runbooks are kept in the workspace: open a folder first.'));
    return;
  }
  const title = vscode.l10n.t('New Runbook');
  const id = await prompts.pick(
    title,
    runbookEntries.map((entry) => ({ label: entry.title, value: entry.id })),
    vscode.l10n.t('Which one to begin with?'),
  );
  const book = id === undefined ? undefined : await shelf.load(id);
  if (!book) return;
  const name = await prompts.input({
    title,
    prompt: vscode.l10n.t('Name of the new runbook'),
    value: book.id,
    validate: (value) =>
      /^[\p{L}\p{N}][\p{L}\p{N} _-]{0,60}$/u.test(value)
        ? undefined
        : vscode.l10n.t('Letters, digits, spaces, - and _ only.'),
  });
  if (name === undefined) return;
  const uri = vscode.Uri.joinPath(folder.uri, ...place, `${name.trim().replace(/\s+/g, '-')}.dbops.md`);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (exists) {
    await prompts.notify(
      'warning',
      vscode.l10n.t('{0} exists already: nothing was written.', vscode.workspace.asRelativePath(uri)),
    );
    return;
  }
  await vscode.workspace.fs.writeFile(
    uri,
    new TextEncoder().encode(formatRunbook(fromBuiltIn(book, name, newestMajor))),
  );
  await vscode.commands.executeCommand('vscode.openWith', uri, notebookType);
}
