import path from 'node:path';
import * as vscode from 'vscode';
import { phrase } from '../../core/format/phrase';
import { reasonMark } from '../../core/lint/fixes/project-fix';
import type { PlacedFinding } from '../../core/lint/worker-messages';
import { commands } from '../../contributions';
import { editOfFix } from './apply-fix';
import { pathOf } from './folder-request';
import type { MigrationLint } from './migration-lint';
import { rangeOf, ruleOf } from './shown-findings';

/** Quick fixes that Flyway accepts: each is made for the present text, and for no other. */
export class MigrationFixes implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix];

  constructor(private readonly lint: MigrationLint) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeAction[]> {
    const rules = new Set(context.diagnostics.map(ruleOf));
    const all = this.lint.shown.of(document);
    const here = [...all.entries()].filter(
      ([, finding]) => rules.has(finding.rule) && rangeOf(finding.range).intersection(range) !== undefined,
    );
    if (here.length === 0) return [];
    const { version } = document;
    const { fixes, isSettled } = await this.lint.client.fixes(
      pathOf(document.uri),
      here.map(([index]) => index),
    );
    if (token.isCancellationRequested || document.version !== version) return [];
    return here.flatMap(([index, finding]) => {
      const diagnostics = context.diagnostics.filter((diagnostic) => ruleOf(diagnostic) === finding.rule);
      const made = fixes.filter((fix) => fix.finding === index).flatMap((fix) => editOfFix(document, fix) ?? []);
      const own = [...made, ...fixOf(document, finding, isSettled)];
      const [first] = own;
      if (first) first.isPreferred = true;
      const ignore = isSettled ? suppressInUndo(document, finding) : suppress(document, finding);
      return [...own, ...ignore].map((action) => Object.assign(action, { diagnostics }));
    });
  }
}

function fixOf(document: vscode.TextDocument, finding: PlacedFinding, isSettled: boolean): vscode.CodeAction[] {
  const { fix } = finding;
  if (!fix) return [];
  if (fix.kind === 'rename') {
    if (isSettled) return [];
    const action = new vscode.CodeAction(vscode.l10n.t('Rename to {0}', fix.to), vscode.CodeActionKind.QuickFix);
    action.edit = new vscode.WorkspaceEdit();
    action.edit.renameFile(document.uri, vscode.Uri.joinPath(document.uri, '..', fix.to), { overwrite: false });
    return [action];
  }
  const action = new vscode.CodeAction(vscode.l10n.t('Create {0}', fix.name), vscode.CodeActionKind.QuickFix);
  const target = vscode.Uri.joinPath(document.uri, '..', fix.name);
  action.command = {
    command: commands.createUndoScript,
    title: action.title,
    arguments: [target.toString(), document.uri.toString()],
  };
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

/** A script that has run keeps its checksum: the comment goes into its undo, where it counts too, or nowhere. */
function suppressInUndo(document: vscode.TextDocument, { rule, partner }: PlacedFinding): vscode.CodeAction[] {
  if (partner === undefined) return [];
  const range = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };
  const fix = editOfFix(document, {
    finding: 0,
    title: phrase('Ignore {0} in {1} with a reason…', rule, path.posix.basename(partner)),
    edits: [{ path: partner, range, text: `-- dbops-ignore-file ${rule}: ${reasonMark}\n` }],
    files: [],
    renames: [],
    asksReason: true,
  });
  return fix ? [fix] : [];
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
