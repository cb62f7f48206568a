import * as vscode from 'vscode';
import type { Prompts } from '../../core/ports/prompts';
import type { SecretPasswords } from '../connections/secret-passwords';
import type { SourceSecrets } from './source-secrets';

/** Something whose secret may be stored. */
export interface SecretOwner {
  readonly id: string;
  readonly label: string;
  readonly kind: 'http' | 'pooler';
}

type Way = 'basic' | 'bearer' | 'password' | 'remove';

/** Asks whose credentials and which, and stores them in the secret storage. */
export async function storeCredentials(
  owners: readonly SecretOwner[],
  prompts: Prompts,
  secrets: SourceSecrets,
  passwords: SecretPasswords,
): Promise<void> {
  const title = vscode.l10n.t('Store Credentials');
  if (owners.length === 0) {
    await prompts.notify(
      'info',
      vscode.l10n.t(
        'No application, pooler or Prometheus is in the settings yet (dbOps.applications, dbOps.poolers, dbOps.prometheus).',
      ),
    );
    return;
  }
  const owner = await prompts.pick(
    title,
    owners.map((one) => ({ label: one.label, value: one })),
  );
  if (!owner) return;
  const choices: { label: string; value: Way }[] =
    owner.kind === 'pooler'
      ? [{ label: vscode.l10n.t('Password'), value: 'password' }]
      : [
          { label: vscode.l10n.t('User and password'), value: 'basic' },
          { label: vscode.l10n.t('Bearer token'), value: 'bearer' },
        ];
  const way = await prompts.pick<Way>(title, [
    ...choices,
    { label: vscode.l10n.t('Remove what is stored'), value: 'remove' },
  ]);
  const ask = (prompt: string, password: boolean): Promise<string | undefined> =>
    prompts.input({ title: owner.label, prompt, password });
  switch (way) {
    case 'basic': {
      const user = await ask(vscode.l10n.t('User'), false);
      const password = user === undefined ? undefined : await ask(vscode.l10n.t('Password'), true);
      if (user !== undefined && password !== undefined)
        await secrets.store(owner.id, { kind: 'basic', user, password });
      break;
    }
    case 'bearer': {
      const token = await ask(vscode.l10n.t('Token'), true);
      if (token !== undefined && token !== '') await secrets.store(owner.id, { kind: 'bearer', token });
      break;
    }
    case 'password': {
      const password = await ask(vscode.l10n.t('Password'), true);
      if (password !== undefined) await passwords.store(owner.id, password);
      break;
    }
    case 'remove':
      await (owner.kind === 'pooler' ? passwords.remove(owner.id) : secrets.remove(owner.id));
      break;
    case undefined:
  }
}
