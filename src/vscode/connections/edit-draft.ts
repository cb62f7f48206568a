import { l10n } from 'vscode';
import { parseConnectionString } from '../../core/connection/connection-string';
import type { Choice, Prompts } from '../../core/ports/prompts';
import { withField, type Draft } from './draft';
import {
  connectionStringQuestion,
  environmentChoices,
  fieldQuestion,
  nameQuestion,
  passwordQuestion,
  readOnlyChoices,
  sslModeChoices,
  textFields,
  withAnswer,
  type TextField,
} from './questions';

type Entry = TextField | 'string' | 'name' | 'environment' | 'readOnly' | 'sslMode' | 'password' | 'done';

/**
 * A menu of all fields with their values; any can be changed, in any order, until "Test and Save". `stored` says whether
 * a password is in the secret storage. Undefined when the person gave up.
 */
export async function editDraft(
  prompts: Prompts,
  draft: Draft,
  taken: readonly string[],
  stored: boolean,
): Promise<Draft | undefined> {
  let current = draft;
  for (;;) {
    const title = l10n.t('Edit {0}', current.name);
    const entry = await prompts.pick(title, entries(current, stored), l10n.t('Choose what to change'));
    if (entry === undefined) return undefined;
    if (entry === 'done') return current;
    current = (await change(prompts, entry, current, taken, title)) ?? current;
  }
}

function entries(draft: Draft, stored: boolean): Choice<Entry>[] {
  const { target } = draft;
  const none = l10n.t('not set');
  const labels: Readonly<Record<TextField, string>> = {
    host: l10n.t('Host'),
    port: l10n.t('Port'),
    database: l10n.t('Database'),
    user: l10n.t('User'),
    service: l10n.t('Service'),
    sslRootCert: l10n.t('Root certificate'),
    passfile: l10n.t('Password file'),
  };
  return [
    { label: l10n.t('Test and Save'), value: 'done' },
    { label: l10n.t('Name'), description: draft.name, value: 'name' },
    { label: l10n.t('Environment'), description: draft.environment, value: 'environment' },
    {
      label: l10n.t('Actions'),
      description: draft.readOnly ? l10n.t('read-only') : l10n.t('allowed'),
      value: 'readOnly',
    },
    { label: l10n.t('Password'), description: passwordState(draft, stored), value: 'password' },
    { label: l10n.t('TLS mode'), description: target.sslMode ?? none, value: 'sslMode' },
    ...textFields.map((field) => ({
      label: labels[field],
      description: target[field] === undefined ? none : String(target[field]),
      value: field,
    })),
    { label: l10n.t('Replace by a connection string…'), value: 'string' },
  ];
}

function passwordState(draft: Draft, stored: boolean): string {
  if (draft.password === undefined && stored) return l10n.t('in the secret storage');
  return draft.password === undefined || draft.password === ''
    ? l10n.t('none: ~/.pgpass and PGPASSWORD are used')
    : l10n.t('changed');
}

async function change(
  prompts: Prompts,
  entry: Exclude<Entry, 'done'>,
  draft: Draft,
  taken: readonly string[],
  title: string,
): Promise<Draft | undefined> {
  const { target } = draft;
  switch (entry) {
    case 'name': {
      const name = await prompts.input(nameQuestion(title, draft.name, taken));
      return name === undefined ? undefined : { ...draft, name: name.trim() };
    }
    case 'environment': {
      const environment = await prompts.pick(title, environmentChoices(), l10n.t('Environment'));
      if (environment === undefined || environment === draft.environment) return undefined;
      return { ...draft, environment, readOnly: environment === 'production' || draft.readOnly };
    }
    case 'readOnly': {
      const readOnly = await prompts.pick(title, readOnlyChoices(draft.environment));
      return readOnly === undefined ? undefined : { ...draft, readOnly };
    }
    case 'sslMode': {
      const sslMode = await prompts.pick(title, sslModeChoices(), l10n.t('TLS mode'));
      return sslMode && { ...draft, target: withField(target, 'sslMode', sslMode) };
    }
    case 'password': {
      const password = await prompts.input(passwordQuestion(title));
      return password === undefined ? undefined : { ...draft, password };
    }
    case 'string': {
      const text = await prompts.input(connectionStringQuestion(title, ''));
      if (text === undefined) return undefined;
      const parsed = parseConnectionString(text);
      return { ...draft, target: parsed.target, password: parsed.password ?? keptPassword(draft, parsed.target) };
    }
    default: {
      const answer = await prompts.input(fieldQuestion(entry, target, title));
      if (answer === undefined) return undefined;
      const changed = withAnswer(target, entry, answer);
      return { ...draft, target: changed, password: keptPassword(draft, changed) };
    }
  }
}

/** The password of one server is not sent to another: the empty one takes it out of the secret storage. */
function keptPassword({ target, password }: Draft, changed: Draft['target']): string | undefined {
  const isSame = (['host', 'hostAddress', 'service'] as const).every((field) => changed[field] === target[field]);
  return isSame ? password : '';
}
