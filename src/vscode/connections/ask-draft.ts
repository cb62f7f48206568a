import { l10n } from 'vscode';
import { parseConnectionString } from '../../core/connection/connection-string';
import {
  environments,
  sslModes,
  type ConnectionTarget,
  type Environment,
  type SslMode,
} from '../../core/connection/profile';
import type { Choice, Prompts } from '../../core/ports/prompts';
import { suggestName, withField, type Draft } from './draft';

/** Asks for a new connection, step by step. Undefined when the person backs out. */
export async function askNewDraft(
  prompts: Prompts,
  id: string,
  taken: readonly string[],
  services: readonly string[],
): Promise<Draft | undefined> {
  const found = await askTarget(prompts, services);
  if (!found) return undefined;
  const name = await askName(prompts, suggestName(found.target, taken), taken);
  if (name === undefined) return undefined;
  const environment = await askEnvironment(prompts);
  if (environment === undefined) return undefined;
  const readOnly = await askReadOnly(prompts, environment);
  if (readOnly === undefined) return undefined;
  const password = found.password ?? (await askPassword(prompts));
  if (password === undefined) return undefined;
  return { id, name, environment, readOnly, target: found.target, password };
}

const title = (): string => l10n.t('Add Connection');

async function askTarget(
  prompts: Prompts,
  services: readonly string[],
): Promise<{ target: ConnectionTarget; password: string | undefined } | undefined> {
  const ways: Choice<'string' | 'fields' | 'service'>[] = [
    {
      label: l10n.t('Connection string'),
      detail: 'postgresql://user@host:5432/database?sslmode=verify-full',
      value: 'string',
    },
    { label: l10n.t('Host, port, database, user'), detail: l10n.t('One after another'), value: 'fields' },
  ];
  if (services.length > 0)
    ways.push({ label: l10n.t('Service of pg_service.conf'), detail: services.join(', '), value: 'service' });
  const way = await prompts.pick(title(), ways);
  if (way === 'string') return askString(prompts);
  if (way === 'service') {
    const service = await prompts.pick(
      title(),
      services.map((name) => ({ label: name, value: name })),
    );
    return service === undefined ? undefined : { target: { service }, password: undefined };
  }
  if (way === undefined) return undefined;
  let target: ConnectionTarget = {};
  for (const field of ['host', 'port', 'database', 'user'] as const) {
    const answer = await askField(prompts, field, target, title());
    if (answer === undefined) return undefined;
    target = answer;
  }
  const mode = await askSslMode(prompts, undefined);
  return mode === undefined ? undefined : { target: { ...target, sslMode: mode }, password: undefined };
}

async function askString(
  prompts: Prompts,
): Promise<{ target: ConnectionTarget; password: string | undefined } | undefined> {
  const text = await prompts.input({
    title: title(),
    prompt: l10n.t('A URI or host=… dbname=… A password in it goes to the secret storage.'),
    placeholder: 'postgresql://user@host:5432/database',
    validate: (value) => problemOf(() => parseConnectionString(value)),
  });
  if (text === undefined) return undefined;
  const { target, password } = parseConnectionString(text);
  return { target, password };
}

const fieldPrompts = {
  host: { prompt: () => l10n.t('Host name, address, or directory of the socket'), placeholder: 'localhost' },
  port: { prompt: () => l10n.t('Port'), placeholder: '5432' },
  database: { prompt: () => l10n.t('Database; empty for the one named like the user'), placeholder: 'postgres' },
  user: { prompt: () => l10n.t('User; empty for the one of this machine'), placeholder: '' },
  service: { prompt: () => l10n.t('Service of pg_service.conf; empty for none'), placeholder: '' },
  sslRootCert: {
    prompt: () => l10n.t('File with the root certificate, or "system"; empty for ~/.postgresql/root.crt'),
    placeholder: 'system',
  },
  passfile: { prompt: () => l10n.t('Password file; empty for ~/.pgpass'), placeholder: '~/.pgpass' },
} as const;
export type Field = keyof typeof fieldPrompts;

/** One field of the target; empty takes it away. */
export async function askField(
  prompts: Prompts,
  field: Field,
  target: ConnectionTarget,
  heading: string,
): Promise<ConnectionTarget | undefined> {
  const present = target[field];
  const value = await prompts.input({
    title: heading,
    prompt: fieldPrompts[field].prompt(),
    placeholder: fieldPrompts[field].placeholder,
    ...(present === undefined ? {} : { value: String(present) }),
    validate: (text) => {
      if (field !== 'port') return text.includes('\0') ? l10n.t('A NUL character cannot be used.') : undefined;
      return text.trim() === '' || (/^\s*\d+\s*$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535)
        ? undefined
        : l10n.t('A whole number from 1 to 65535.');
    },
  });
  if (value === undefined) return undefined;
  if (field === 'port') return withField(target, 'port', value.trim() === '' ? undefined : Number(value));
  return withField(target, field, value.trim());
}

export async function askName(
  prompts: Prompts,
  present: string,
  taken: readonly string[],
): Promise<string | undefined> {
  return prompts.input({
    title: l10n.t('Name of the Connection'),
    prompt: l10n.t('As it appears in the tree and in confirmations'),
    value: present,
    validate: (value) => {
      if (value.trim() === '') return l10n.t('A name is needed.');
      return taken.includes(value.trim()) ? l10n.t('There is a connection of this name.') : undefined;
    },
  });
}

export async function askEnvironment(prompts: Prompts): Promise<Environment | undefined> {
  const details: Readonly<Record<Environment, string>> = {
    development: l10n.t('Actions ask once'),
    staging: l10n.t('Actions ask once'),
    production: l10n.t('Actions ask for the typed name; read-only unless you say otherwise'),
  };
  return prompts.pick(
    l10n.t('Environment'),
    environments.map((value) => ({ label: value, detail: details[value], value })),
  );
}

export async function askReadOnly(prompts: Prompts, environment: Environment): Promise<boolean | undefined> {
  const choices: Choice<boolean>[] = [
    { label: l10n.t('Allow actions'), detail: l10n.t('Cancel and terminate sessions, each confirmed'), value: false },
    { label: l10n.t('Read-only'), detail: l10n.t('Refuse every action of this extension'), value: true },
  ];
  return prompts.pick(l10n.t('Actions'), environment === 'production' ? choices.reverse() : choices);
}

export async function askSslMode(prompts: Prompts, present: SslMode | undefined): Promise<SslMode | undefined> {
  const details: Readonly<Record<SslMode, string>> = {
    disable: l10n.t('Never encrypted'),
    allow: l10n.t('Encrypted only when the server insists'),
    prefer: l10n.t('Encrypted when the server offers it, not verified (libpq default)'),
    require: l10n.t('Encrypted; verified when a root certificate is there'),
    'verify-ca': l10n.t('Encrypted, issuer of the certificate verified'),
    'verify-full': l10n.t('Encrypted, issuer and host name verified'),
  };
  const choices = sslModes.map((value) => ({
    label: value,
    detail: details[value],
    value,
    ...(value === present ? { description: l10n.t('now') } : {}),
  }));
  return prompts.pick(l10n.t('TLS Mode'), choices);
}

export async function askPassword(prompts: Prompts): Promise<string | undefined> {
  return prompts.input({
    title: l10n.t('Password'),
    prompt: l10n.t('Kept in the secret storage. Empty: ~/.pgpass and PGPASSWORD are used.'),
    password: true,
  });
}

function problemOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
