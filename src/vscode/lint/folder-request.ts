import * as vscode from 'vscode';
import type { FindingSeverity } from '../../core/lint/finding';
import type { EditorSettings, LintScope } from '../../core/lint/worker-messages';
import { settings } from '../../contributions';

/** What the settings say for a folder; undefined where lint is switched off there. */
export function editorSettings(folder: vscode.WorkspaceFolder): EditorSettings | undefined {
  const configuration = vscode.workspace.getConfiguration(settings.section, folder.uri);
  if (!configuration.get<boolean>(settings.lintEnabled, true)) return undefined;
  return {
    // Copies: VS Code gives proxies, which cannot be sent to a worker.
    locations: [...configuration.get<string[]>(settings.flywayLocations, [])],
    requireReason: configuration.get<boolean>(settings.lintRequireReason, true),
    severities: { ...configuration.get<Record<string, FindingSeverity | 'off'>>(settings.lintRules, {}) },
    scope: configuration.get<LintScope>(settings.lintScope, 'notApplied') === 'all' ? 'all' : 'notApplied',
  };
}

/** The texts of files that are not saved. */
export function unsavedTexts(): (readonly [string, string])[] {
  return vscode.workspace.textDocuments
    .filter((document) => document.isDirty && document.uri.scheme === 'file')
    .map((document) => [pathOf(document.uri), document.getText()] as const);
}

/** A file's path with forward slashes, as the core wants it. */
export function pathOf(uri: vscode.Uri): string {
  return uri.fsPath.replaceAll('\\', '/');
}
