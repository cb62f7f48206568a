import * as vscode from 'vscode';
import type { PlacedFinding } from '../../core/lint/worker-messages';
import { commands } from '../../contributions';
import { rangeOf, type MigrationLint } from './migration-lint';

/** Quick fixes: write the undo, rename a skipped file, suppress with a reason. */
export class MigrationFixes implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix];

  constructor(private readonly lint: MigrationLint) {}

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const rules = new Set(
      context.diagnostics.filter((diagnostic) => diagnostic.source === 'DB Ops').map((diagnostic) => diagnostic.code),
    );
    const here = this.lint
      .findingsOf(document.uri)
      .filter((finding) => rules.has(finding.rule) && rangeOf(finding).intersection(range) !== undefined);
    return here.flatMap((finding) => {
      const diagnostics = context.diagnostics.filter((diagnostic) => diagnostic.code === finding.rule);
      return [...fixOf(document, finding), ...suppress(document, finding)].map((action) =>
        Object.assign(action, { diagnostics }),
      );
    });
  }
}

function fixOf(document: vscode.TextDocument, finding: PlacedFinding): vscode.CodeAction[] {
  const { fix } = finding;
  if (!fix) return [];
  if (fix.kind === 'rename') {
    const action = new vscode.CodeAction(vscode.l10n.t('Rename to {0}', fix.to), vscode.CodeActionKind.QuickFix);
    action.edit = new vscode.WorkspaceEdit();
    action.edit.renameFile(document.uri, vscode.Uri.joinPath(document.uri, '..', fix.to), { overwrite: false });
    action.isPreferred = true;
    return [action];
  }
  const action = new vscode.CodeAction(vscode.l10n.t('Create {0}', fix.name), vscode.CodeActionKind.QuickFix);
  const target = vscode.Uri.joinPath(document.uri, '..', fix.name);
  action.command = {
    command: commands.createUndoScript,
    title: action.title,
    arguments: [target.toString(), document.uri.toString()],
  };
  action.isPreferred = true;
  return [action];
}

/** Puts the comment before the statement, and the cursor where the reason goes. */
function suppress(document: vscode.TextDocument, finding: PlacedFinding): vscode.CodeAction[] {
  if (finding.rule.startsWith('lint/')) return [];
  const action = new vscode.CodeAction(
    vscode.l10n.t('Ignore {0} with a reason…', finding.rule),
    vscode.CodeActionKind.QuickFix,
  );
  action.edit = new vscode.WorkspaceEdit();
  const line = finding.wholeFile ? 0 : statementLine(document, finding);
  const indent = /^\s*/.exec(document.lineAt(line).text)?.[0] ?? '';
  const comment = new vscode.SnippetString(`${indent}-- dbops-ignore ${finding.rule}: \${1:reason}\n`);
  action.edit.set(document.uri, [vscode.SnippetTextEdit.insert(new vscode.Position(line, 0), comment)]);
  return [action];
}

/** A subcommand stands inside its statement: the comment goes before the line on which the statement begins. */
function statementLine(document: vscode.TextDocument, finding: PlacedFinding): number {
  let line = finding.range.startLine;
  while (line > 0) {
    const before = document.lineAt(line - 1).text.trim();
    if (before === '' || before.endsWith(';') || before.startsWith('--')) break;
    line--;
  }
  return line;
}

/** Creates the undo script beside its V script and opens it. An existing file is opened and not touched. */
export async function createUndoScript(target: string, text: string): Promise<void> {
  const uri = vscode.Uri.parse(target);
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { ignoreIfExists: true, contents: new TextEncoder().encode(text) });
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(uri);
}
