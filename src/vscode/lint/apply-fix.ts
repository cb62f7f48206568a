import * as vscode from 'vscode';
import { said } from '../../core/format/phrase';
import { reasonMark } from '../../core/lint/fixes/project-fix';
import type { PlacedFix } from '../../core/lint/worker-messages';
import type { Prompts } from '../../core/ports/prompts';
import { commands } from '../../contributions';
import { pathOf } from './folder-request';
import { rangeOf } from './shown-findings';

/**
 * The quick fix of a finding. Undefined where a file that it changes is open with a text that is not the one on the disk, for
 * which its places were made. New files never overwrite what is there.
 */
export function editOfFix(document: vscode.TextDocument, fix: PlacedFix): vscode.CodeAction | undefined {
  const others = otherFiles(document.uri, fix);
  if (someUnsaved(others)) return undefined;
  const title = titleOf(fix);
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  // Contents of new files do not survive the way of an edit that is only offered, and other files are to be saved.
  if (fix.asksReason || fix.files.length > 0 || others.size > 0) {
    action.command = {
      command: commands.applyFix,
      title,
      arguments: [document.uri.toString(), document.version, fix],
    };
  } else action.edit = workspaceEdit(fix);
  return action;
}

/**
 * Applies a fix when the text is still the one it was made for, and asks for the reason where it needs one. Of a fix of several
 * files none is left for the person to save: Flyway would find the one half without the other. What was unsaved before stays so.
 */
export async function applyFix(prompts: Prompts, uri: string, version: number, fix: PlacedFix): Promise<void> {
  const reason = fix.asksReason ? await askReason(prompts, titleOf(fix)) : '';
  if (reason === undefined) return;
  const paths = new Set(fix.edits.map((edit) => edit.path));
  for (const path of paths) {
    // Saved, every letter that VS Code could not read would be lost.
    const read = await opened(path);
    if (!read.getText().includes('\ufffd')) continue;
    const name = vscode.workspace.asRelativePath(read.uri);
    const message = vscode.l10n.t('VS Code does not read {0} in its encoding: nothing was written.', name);
    await prompts.notify('warning', message);
    return;
  }
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
  const others = otherFiles(vscode.Uri.parse(uri), fix);
  if ((document && document.version !== version) || someUnsaved(others)) {
    await prompts.notify('info', vscode.l10n.t('The script has changed meanwhile: nothing was written.'));
    return;
  }
  // One line: a line break would end the comment.
  const text = reason.replace(/\s+/g, ' ').replaceAll('*/', '* /').trim();
  const unsaved = new Set(vscode.workspace.textDocuments.filter((one) => one.isDirty).map((one) => pathOf(one.uri)));
  const done = await vscode.workspace.applyEdit(workspaceEdit(fix, (given) => given.replaceAll(reasonMark, text)));
  if (!done) {
    await prompts.notify('warning', vscode.l10n.t('VS Code did not apply the fix: nothing was overwritten.'));
    return;
  }
  if (fix.files.length === 0 && others.size === 0) return;
  for (const path of paths) if (!unsaved.has(path)) await (await opened(path)).save();
}

function opened(path: string): Thenable<vscode.TextDocument> {
  return vscode.workspace.openTextDocument(vscode.Uri.file(path));
}

function someUnsaved(paths: ReadonlySet<string>): boolean {
  return vscode.workspace.textDocuments.some((one) => one.isDirty && paths.has(pathOf(one.uri)));
}

/** The files that a fix changes beside that of its finding. */
function otherFiles(own: vscode.Uri, { edits }: PlacedFix): ReadonlySet<string> {
  return new Set(edits.map(({ path }) => path).filter((path) => path !== pathOf(own)));
}

function titleOf({ title }: PlacedFix): string {
  return said(title, (message, ...values) => vscode.l10n.t(message, ...values));
}

function askReason(prompts: Prompts, title: string): Promise<string | undefined> {
  return prompts.input({
    title: title.replace('…', ''),
    prompt: vscode.l10n.t('The reason, for whoever reads the script: who agreed, or where the data is kept.'),
    validate: (value) => (value.trim() === '' ? vscode.l10n.t('A reason is required.') : undefined),
  });
}

function workspaceEdit(fix: PlacedFix, put = (text: string): string => text): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const { path, range, text } of fix.edits) edit.replace(vscode.Uri.file(path), rangeOf(range), put(text));
  for (const { path, text } of fix.files) {
    const contents = new TextEncoder().encode(put(text));
    edit.createFile(vscode.Uri.file(path), { overwrite: false, ignoreIfExists: false, contents });
  }
  for (const { from, to } of fix.renames)
    edit.renameFile(vscode.Uri.file(from), vscode.Uri.file(to), { overwrite: false });
  return edit;
}

/** Creates the undo script beside its V script and opens it. An existing file is opened and not touched. */
export async function createUndoScript(target: string, text: string): Promise<void> {
  const uri = vscode.Uri.parse(target);
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { ignoreIfExists: true, contents: new TextEncoder().encode(text) });
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(uri);
}
