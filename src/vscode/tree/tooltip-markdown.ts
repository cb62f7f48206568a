import * as vscode from 'vscode';
import { escapeMarkdown } from '../../core/runbooks/markdown';

/**
 * Lines of a hover, the first one bold. Each is shown literally, whatever it holds: no link, image or emphasis comes out
 * of it. `MarkdownString.appendText` would make every space one that does not break, and words would be cut at the edge.
 */
export function tooltipMarkdown([headline = '', ...others]: readonly string[]): vscode.MarkdownString {
  const result = new vscode.MarkdownString(`**${escapeMarkdown(headline)}**`);
  for (const line of others) result.appendMarkdown(`\n\n${escapeMarkdown(line)}`);
  return result;
}
