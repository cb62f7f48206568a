import * as vscode from 'vscode';
import { commands } from '../../contributions';
import { escapeMarkdown } from '../../core/runbooks/markdown';
import { pathOf } from './folder-request';
import type { MigrationLint } from './migration-lint';
import { rangeOf, ruleLink } from './shown-findings';

/** On a statement of a migration: what it locks, for how long, until when, and the pages of what was found in it. */
export class StatementHover implements vscode.HoverProvider {
  constructor(private readonly lint: MigrationLint) {}

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    if (!this.lint.concerns(document) || !this.lint.shown.isCurrent(document)) return undefined;
    const { version } = document;
    const found = await this.lint.client.statement(pathOf(document.uri), position.line, position.character);
    if (!found || found.lines.length === 0 || document.version !== version) return undefined;
    const rules = this.lint.shown
      .of(document)
      .filter(({ range }) => rangeOf(range).contains(position))
      .map(({ rule }) => rule);
    const text = new vscode.MarkdownString(found.lines.map(escapeMarkdown).join('  \n'));
    text.isTrusted = { enabledCommands: [commands.openRule] };
    for (const rule of new Set(rules))
      text.appendMarkdown(`\n\n[${vscode.l10n.t('{0}: what happens, measured', rule)}](${ruleLink(rule).toString()})`);
    return new vscode.Hover(text, rangeOf(found.range));
  }
}
