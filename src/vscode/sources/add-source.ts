import * as vscode from 'vscode';
import { formatCount } from '../../core/format/quantities';
import type { ConnectionProfile } from '../../core/connection/profile';
import { DatabaseError, isAbort } from '../../core/ports/database-error';
import type { CredentialSource } from '../../core/ports/http';
import type { PoolerConsoleOpener } from '../../core/ports/pooler-console';
import type { Prompts } from '../../core/ports/prompts';
import { SourceError } from '../../core/ports/source-error';
import { endpointUrl } from '../../core/pool/application-endpoint';
import type { PasswordSource } from '../../core/ports/passwords';
import { localSystem } from '../../postgres/local-system';
import { PgBouncerOpener } from '../../postgres/pgbouncer-console';
import { PoolReader } from '../../sources/hikari/pool-reader';
import { FetchReader } from '../../sources/http/fetch-reader';
import { PrometheusClient } from '../../sources/prometheus/prometheus-client';
import { settings } from '../../contributions';
import type { SecretPasswords } from '../connections/secret-passwords';
import type { StepPrompts } from '../connections/step-prompts';
import { emptySource, entryOf, readDraft, secretIdOf, type ReadSource, type SourceDraft } from './source-draft';
import { askSource } from './source-steps';
import type { SourceSecrets } from './source-secrets';

export interface AddSourceParts {
  readonly profiles: readonly ConnectionProfile[];
  readonly steps: StepPrompts;
  readonly prompts: Prompts;
  readonly secrets: SourceSecrets;
  readonly passwords: SecretPasswords;
  /** Whether the settings name it already. */
  readonly taken: (source: ReadSource) => boolean;
}

/** The servers' time to answer the test, in ms. */
const testMs = 10_000;

/** Asks for an application, a pooler or a Prometheus, reads it once, and saves it in the person's settings. */
export async function addSource(parts: AddSourceParts, first: Partial<SourceDraft> = {}): Promise<void> {
  let draft: SourceDraft | undefined = { ...emptySource, ...first };
  for (;;) {
    draft = await askSource(parts.steps, draft, parts.profiles, parts.taken);
    if (!draft) return;
    const read = readDraft(draft);
    if (typeof read === 'string') {
      await parts.prompts.notify('error', read);
      continue;
    }
    const tested = await testSource(parts.prompts, draft, read);
    if (tested === 'edit') continue;
    await save(parts, draft, read);
    await parts.prompts.notify('info', tested);
    return;
  }
}

/** Reads it once; when it fails, says why and asks what to do. A text says what was found. */
async function testSource(prompts: Prompts, draft: SourceDraft, read: ReadSource): Promise<string> {
  for (;;) {
    const found = await tryOnce(draft, read);
    if (found === undefined) return 'edit';
    if (typeof found === 'string') return found;
    const retry = vscode.l10n.t('Try Again');
    const edit = vscode.l10n.t('Edit');
    const anyway = vscode.l10n.t('Save Anyway');
    const message = found.remedy === undefined ? found.message : `${found.message} ${found.remedy}`;
    const pressed = await prompts.notify('error', message, retry, edit, anyway);
    if (pressed === anyway) return vscode.l10n.t('Saved without a reading.');
    if (pressed !== retry) return 'edit';
  }
}

/** What was found, why nothing was, or undefined when the person cancelled. */
function tryOnce(draft: SourceDraft, read: ReadSource): Thenable<string | SourceError | DatabaseError | undefined> {
  const title = vscode.l10n.t('Reading…');
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (_, token) => {
      const controller = new AbortController();
      const subscription = token.onCancellationRequested(() => controller.abort());
      const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(testMs)]);
      try {
        return await readOnce(draft, read, signal);
      } catch (error) {
        if (controller.signal.aborted) return undefined;
        if (error instanceof SourceError || error instanceof DatabaseError) return error;
        const late = isAbort(error) || signal.aborted;
        return new SourceError(
          late ? 'timeout' : 'network',
          late ? vscode.l10n.t('It did not answer within {0} s.', testMs / 1000) : String(error),
        );
      } finally {
        subscription.dispose();
      }
    },
  );
}

async function readOnce(draft: SourceDraft, read: ReadSource, signal: AbortSignal): Promise<string> {
  const http = new FetchReader();
  const given: CredentialSource = { credentials: () => Promise.resolve(draft.credentials) };
  switch (read.kind) {
    case 'application': {
      const { pools } = await new PoolReader(http, given).read(read.endpoint, signal);
      const names = pools.map(({ name }) => name).join(', ');
      return vscode.l10n.t('{0}: {1} found ({2}).', read.endpoint.name, formatCount(pools.length, 'pool'), names);
    }
    case 'pooler': {
      const { password } = draft;
      const passwords: PasswordSource = { password: () => Promise.resolve(password === '' ? undefined : password) };
      const opener: PoolerConsoleOpener = new PgBouncerOpener(passwords, localSystem());
      const pooler = await opener.open(read.profile, signal);
      try {
        const pools = await pooler.show('POOLS', signal);
        return vscode.l10n.t(
          '{0}: PgBouncer {1}, {2}.',
          read.profile.name,
          pooler.version ?? '',
          formatCount(pools.length, 'pool'),
        );
      } finally {
        await pooler.close();
      }
    }
    case 'prometheus': {
      const client = new PrometheusClient(endpointUrl(read.server), http, () => Promise.resolve(draft.credentials));
      const up = read.server.mapping.up.join('|');
      const { samples } = await client.query(`{__name__=~"${up}"}`, signal);
      return samples.length === 0
        ? vscode.l10n.t('{0} answers, and knows no PostgreSQL server yet: pg_up has no series there.', read.server.name)
        : vscode.l10n.t('{0}: {1} known.', read.server.name, formatCount(samples.length, 'server'));
    }
  }
}

/** Secrets first, so that the first reading has them. */
async function save(parts: AddSourceParts, draft: SourceDraft, read: ReadSource): Promise<void> {
  const id = secretIdOf(read);
  if (draft.credentials) await parts.secrets.store(id, draft.credentials);
  if (draft.kind === 'pooler' && draft.password !== '') await parts.passwords.store(id, draft.password);
  const key = {
    application: settings.applications,
    pooler: settings.poolers,
    prometheus: settings.prometheus,
  }[draft.kind];
  const configuration = vscode.workspace.getConfiguration(settings.section);
  const own: unknown = configuration.inspect(key)?.globalValue;
  const list = Array.isArray(own) ? (own as readonly unknown[]) : [];
  await configuration.update(key, [...list, entryOf(draft)], vscode.ConfigurationTarget.Global);
}
