import * as vscode from 'vscode';
import type { ShownScope } from '../../core/lint/worker-messages';
import { editorSettings } from './folder-request';

/** Which scripts the rules about locks and data look at, in a few words. */
export function scopeWords(scope: ShownScope): string {
  switch (scope.kind) {
    case 'database':
      return vscode.l10n.t('not applied to {0}', scope.name);
    case 'branch':
      return vscode.l10n.t('new or changed against {0}', scope.name);
    case 'all':
      return vscode.l10n.t('all scripts');
  }
}

/** Why there is nothing to lint. */
export function nothingToLint(): string {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) return vscode.l10n.t('No folder is open.');
  if (folders.every((folder) => editorSettings(folder) === undefined))
    return vscode.l10n.t('Lint is switched off: the setting dbOps.lint.enabled switches it on.');
  return vscode.l10n.t('No Flyway migrations were found. The setting dbOps.flyway.locations names their places.');
}

/** Why it is this scope. */
export function scopeReason(scope: ShownScope): string {
  switch (scope.kind) {
    case 'database':
      return scope.history === undefined
        ? vscode.l10n.t('{0} has no history table yet: all of them are pending there.', scope.name)
        : vscode.l10n.t('By {0} of {1}.', scope.history, scope.name);
    case 'branch':
      return vscode.l10n.t("No database tells, so git's main branch stands for what is applied.");
    case 'all':
      switch (scope.why) {
        case 'setting':
          return vscode.l10n.t('The setting dbOps.lint.scope says so.');
        case 'untrusted':
          return vscode.l10n.t('The workspace is not trusted: neither a database nor git is asked.');
        case 'no branch':
          return vscode.l10n.t('No database is bound or known now, and git has no main branch here.');
        case 'unknown history':
          return vscode.l10n.t('The history is not known: {0}.', scope.detail ?? '');
      }
  }
}
