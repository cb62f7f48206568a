import { l10n } from 'vscode';
import { parseConnectionString } from '../../core/connection/connection-string';
import {
  environments,
  sslModes,
  type ConnectionTarget,
  type Environment,
  type SslMode,
} from '../../core/connection/profile';
import type { Choice, InputRequest } from '../../core/ports/prompts';
import { withField } from './draft';

/** Fields of a target that are asked for as text. */
export const textFields = ['host', 'port', 'database', 'user', 'service', 'sslRootCert', 'passfile'] as const;
export type TextField = (typeof textFields)[number];

const fieldPrompts: Readonly<Record<TextField, { readonly prompt: () => string; readonly placeholder: string }>> = {
  host: {
    prompt: () => l10n.t('Host name, address, or directory of the socket. Empty: PGHOST, else this machine'),
    placeholder: 'db.example.com',
  },
  port: { prompt: () => l10n.t('Port. Empty: PGPORT, else 5432'), placeholder: '5432' },
  database: { prompt: () => l10n.t('Database. Empty: PGDATABASE, else the name of the user'), placeholder: 'postgres' },
  user: { prompt: () => l10n.t('User. Empty: PGUSER, else your name on this machine'), placeholder: 'postgres' },
  service: { prompt: () => l10n.t('Service of pg_service.conf. Empty: none'), placeholder: 'shop' },
  sslRootCert: {
    prompt: () =>
      l10n.t('File of root certificates, or "system" for those of this machine. Empty: ~/.postgresql/root.crt'),
    placeholder: 'system',
  },
  passfile: { prompt: () => l10n.t('Password file. Empty: PGPASSFILE, else ~/.pgpass'), placeholder: '~/.pgpass' },
};

export function fieldQuestion(field: TextField, target: ConnectionTarget, title: string): InputRequest {
  const present = target[field];
  return {
    title,
    prompt: fieldPrompts[field].prompt(),
    placeholder: fieldPrompts[field].placeholder,
    ...(present === undefined ? {} : { value: String(present) }),
    validate: (text) => fieldProblem(field, text.trim()),
  };
}

function fieldProblem(field: TextField, text: string): string | undefined {
  if (text.includes('\0')) return l10n.t('A NUL character cannot be used.');
  if (text === '') return undefined;
  if (field === 'port' && !(/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535)) {
    return l10n.t('A whole number from 1 to 65535.');
  }
  if (field === 'host' && /[\s@,]|:\/\//.test(text)) {
    return l10n.t('One host name, address or socket directory, without user, port or scheme.');
  }
  return undefined;
}

/** The target with the answer to `fieldQuestion`; an empty one takes the field away. */
export function withAnswer(target: ConnectionTarget, field: TextField, answer: string): ConnectionTarget {
  const text = answer.trim();
  if (field === 'port') return withField(target, 'port', text === '' ? undefined : Number(text));
  return withField(target, field, text);
}

export function connectionStringQuestion(title: string, value: string): InputRequest {
  return {
    title,
    prompt: l10n.t('A URI or host=… dbname=… A password in it goes to the secret storage, not to the settings.'),
    placeholder: 'postgresql://user@host:5432/database?sslmode=verify-full',
    value,
    validate: (text) => {
      try {
        parseConnectionString(text);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}

export function nameQuestion(title: string, value: string, taken: readonly string[]): InputRequest {
  return {
    title,
    prompt: l10n.t('Name, as it stands in the tree and in confirmations'),
    value,
    validate: (text) => {
      if (text.trim() === '') return l10n.t('A name is needed.');
      return taken.includes(text.trim()) ? l10n.t('There is a connection of this name.') : undefined;
    },
  };
}

export function passwordQuestion(title: string): InputRequest {
  return {
    title,
    prompt: l10n.t('Password, kept in the secret storage. Empty: ~/.pgpass and PGPASSWORD are used.'),
    password: true,
  };
}

export function environmentChoices(): Choice<Environment>[] {
  const details: Readonly<Record<Environment, string>> = {
    development: l10n.t('Every action asks for a confirmation'),
    staging: l10n.t('Every action asks for a confirmation'),
    production: l10n.t('Read-only unless you allow actions; each then asks for the typed name of the connection'),
  };
  return environments.map((value) => ({ label: value, detail: details[value], value }));
}

/** The first is the usual one for the environment. */
export function readOnlyChoices(environment: Environment): Choice<boolean>[] {
  const choices: Choice<boolean>[] = [
    { label: l10n.t('Allow actions'), detail: l10n.t('Cancel and end sessions, each confirmed'), value: false },
    { label: l10n.t('Read-only'), detail: l10n.t('Every action of this extension is refused'), value: true },
  ];
  return environment === 'production' ? choices.reverse() : choices;
}

export function sslModeChoices(): Choice<SslMode>[] {
  const details: Readonly<Record<SslMode, string>> = {
    disable: l10n.t('Never encrypted'),
    allow: l10n.t('Encrypted only when the server insists'),
    prefer: l10n.t('Encrypted when the server offers it, not verified (the default of libpq)'),
    require: l10n.t('Encrypted; verified only when a root certificate is there'),
    'verify-ca': l10n.t('Encrypted; the issuer of the certificate is verified'),
    'verify-full': l10n.t('Encrypted; the issuer and the host name are verified'),
  };
  return sslModes.map((value) => ({ label: value, detail: details[value], value }));
}
