import * as vscode from 'vscode';
import { DatabaseError, isAbort } from '../../core/ports/database-error';
import type { SessionOpener } from '../../core/ports/connections';
import type { PasswordSource } from '../../core/ports/passwords';
import type { Prompts } from '../../core/ports/prompts';
import { profileOf, type Draft } from './draft';

export type OpenerFor = (passwords: PasswordSource) => SessionOpener;

/** What to do with a draft after its test. A message that is closed leads back to the fields, so that nothing is lost. */
export type Verdict = 'save' | 'edit';

/** Connects once with progress and cancel; when it fails, says why and asks what to do. */
export async function testDraft(
  prompts: Prompts,
  openerFor: OpenerFor,
  stored: PasswordSource,
  draft: Draft,
): Promise<Verdict> {
  for (;;) {
    const failure = await tryOnce(openerFor, stored, draft);
    if (failure === undefined) return 'save';
    if (failure === 'cancelled') return 'edit';
    const retry = vscode.l10n.t('Try Again');
    const edit = vscode.l10n.t('Edit');
    const anyway = vscode.l10n.t('Save Anyway');
    const message = failure.remedy === undefined ? failure.message : `${failure.message} ${failure.remedy}`;
    const pressed = await prompts.notify('error', message, retry, edit, anyway);
    if (pressed === anyway) return 'save';
    if (pressed !== retry) return 'edit';
  }
}

async function tryOnce(
  openerFor: OpenerFor,
  stored: PasswordSource,
  draft: Draft,
): Promise<DatabaseError | 'cancelled' | undefined> {
  const passwords: PasswordSource = {
    password: async (id) =>
      draft.password === undefined ? stored.password(id) : draft.password === '' ? undefined : draft.password,
  };
  const title = vscode.l10n.t('Connecting to {0}…', draft.name);
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (_, token) => {
      const controller = new AbortController();
      const subscription = token.onCancellationRequested(() => controller.abort());
      try {
        const session = await openerFor(passwords).open(profileOf(draft), controller.signal);
        await session.close();
        return undefined;
      } catch (error) {
        if (isAbort(error)) return 'cancelled';
        return error instanceof DatabaseError
          ? error
          : new DatabaseError('statement-failed', error instanceof Error ? error.message : String(error));
      } finally {
        subscription.dispose();
      }
    },
  );
}
