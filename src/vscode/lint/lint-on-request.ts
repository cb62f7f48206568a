import * as vscode from 'vscode';
import type { Prompts } from '../../core/ports/prompts';
import type { MigrationLint } from './migration-lint';
import { nothingToLint } from './scope-words';

/** Lints everything now, with progress and cancel, and says what was found. Cancel ends the work itself. */
export async function lintOnRequest(lint: MigrationLint, prompts: Prompts): Promise<void> {
  const title = vscode.l10n.t('Linting migrations…');
  const outcome = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => {
      const cancelled = new Int32Array(new SharedArrayBuffer(4));
      token.onCancellationRequested(() => Atomics.store(cancelled, 0, 1));
      let told = 0;
      return lint.lintAllNow((done, total) => {
        const increment = Math.max(0, (done - told) * (100 / Math.max(1, total)));
        told = done;
        progress.report({ message: vscode.l10n.t('{0} of {1}', done, total), increment });
      }, cancelled);
    },
  );
  if (outcome.cancelled) return;
  if (outcome.failures.length > 0) {
    await prompts.notify('error', vscode.l10n.t('Lint failed: {0}', outcome.failures.join('; ')));
  } else if (outcome.scripts === 0) {
    await prompts.notify('info', nothingToLint());
  } else {
    const { error, warning, information, hint } = outcome.counts;
    const message = vscode.l10n.t(
      'Files: {0}. Errors: {1}, warnings: {2}, information: {3}, hints: {4}.',
      outcome.scripts,
      error,
      warning,
      information,
      hint,
    );
    // Hints are not listed there.
    const show = error + warning + information > 0 ? [vscode.l10n.t('Show Problems')] : [];
    if ((await prompts.notify('info', message, ...show)) !== undefined)
      await vscode.commands.executeCommand('workbench.actions.view.problems');
  }
}
