import path from 'node:path';
import * as vscode from 'vscode';
import { phrase, type Phrase } from '../../core/format/phrase';
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
      const own = [...fixOf(document, finding), ...made];
      const [first] = own;
      if (first) first.isPreferred = true;
      const ignore = isSettled ? suppressInUndo(document, finding) : suppress(document, finding);
      return [...own, ...ignore].map((action) => Object.assign(action, { diagnostics }));
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

/** A comment before the statement, or at the head of the file, with the reason that the person is asked for. */
function suppress(document: vscode.TextDocument, { rule, wholeFile, range }: PlacedFinding): vscode.CodeAction[] {
  if (rule.startsWith('lint/')) return [];
  const line = wholeFile === true ? 0 : statementLine(document, range.startLine);
  const indent = /^\s*/.exec(document.lineAt(line).text)?.[0] ?? '';
  const title = phrase('Ignore {0} with a reason…', rule);
  return comment(document, pathOf(document.uri), line, title, `${indent}-- dbops-ignore ${rule}`);
}

/** A script that has run keeps its checksum: the comment goes into its undo, where it counts too, or nowhere. */
function suppressInUndo(document: vscode.TextDocument, { rule, partner }: PlacedFinding): vscode.CodeAction[] {
  if (partner === undefined) return [];
  const title = phrase('Ignore {0} in {1} with a reason…', rule, path.posix.basename(partner));
  return comment(document, partner, 0, title, `-- dbops-ignore-file ${rule}`);
}

/** Asks for a reason and puts it behind the beginning of a comment, on a line of its own before this one. */
function comment(
  document: vscode.TextDocument,
  file: string,
  line: number,
  title: Phrase,
  begin: string,
): vscode.CodeAction[] {
  const range = { startLine: line, startColumn: 0, endLine: line, endColumn: 0 };
  const edits = [{ path: file, range, text: `${begin}: ${reasonMark}\n` }];
  const action = editOfFix(document, { finding: 0, title, edits, files: [], renames: [], asksReason: true });
  return action ? [action] : [];
}

/** A subcommand stands inside its statement: the comment goes before the line on which the statement begins. */
function statementLine(document: vscode.TextDocument, startLine: number): number {
  let line = startLine;
  while (line > 0) {
    const before = document.lineAt(line - 1).text.trim();
    if (before === '' || before.endsWith(';') || before.startsWith('--')) break;
    line--;
  }
  return line;
}
