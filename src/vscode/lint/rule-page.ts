import * as vscode from 'vscode';
import { isRuleId } from '../../core/lint/finding';
import { pageOf } from '../../core/lint/rule';
import type { Prompts } from '../../core/ports/prompts';

/** Opens the page of a rule as VS Code shows Markdown, or as text where that is switched off. */
export async function openRulePage(extensionUri: vscode.Uri, prompts: Prompts, rule: string): Promise<void> {
  if (!isRuleId(rule)) {
    await prompts.notify('info', vscode.l10n.t('There is no rule {0}.', rule));
    return;
  }
  const page = vscode.Uri.joinPath(extensionUri, pageOf(rule));
  try {
    await vscode.commands.executeCommand('markdown.showPreview', page);
  } catch {
    await vscode.window.showTextDocument(page, { preview: true });
  }
}
