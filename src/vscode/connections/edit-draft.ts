import { l10n } from 'vscode';
import type { Choice, Prompts } from '../../core/ports/prompts';
import { askEnvironment, askField, askName, askPassword, askReadOnly, askSslMode, type Field } from './ask-draft';
import { withField, type Draft } from './draft';

type Step = Field | 'name' | 'environment' | 'readOnly' | 'sslMode' | 'password' | 'done';

/** A menu of all fields with their values; any of them can be changed, in any order, until "Test and Save". */
export async function editDraft(prompts: Prompts, draft: Draft, taken: readonly string[]): Promise<Draft | undefined> {
  let current = draft;
  for (;;) {
    const heading = l10n.t('Edit {0}', current.name);
    const step = await prompts.pick(heading, choices(current), l10n.t('Choose what to change'));
    if (step === undefined) return undefined;
    if (step === 'done') return current;
    current = (await change(prompts, step, current, taken, heading)) ?? current;
  }
}

function choices(draft: Draft): Choice<Step>[] {
  const { target } = draft;
  const none = l10n.t('not set');
  const field = (label: string, value: Field): Choice<Step> => ({
    label,
    description: target[value] === undefined ? none : String(target[value]),
    value,
  });
  return [
    { label: l10n.t('Test and Save'), value: 'done' },
    { label: l10n.t('Name'), description: draft.name, value: 'name' },
    { label: l10n.t('Environment'), description: draft.environment, value: 'environment' },
    {
      label: l10n.t('Actions'),
      description: draft.readOnly ? l10n.t('read-only') : l10n.t('allowed'),
      value: 'readOnly',
    },
    field(l10n.t('Host'), 'host'),
    field(l10n.t('Port'), 'port'),
    field(l10n.t('Database'), 'database'),
    field(l10n.t('User'), 'user'),
    { label: l10n.t('Password'), description: passwordState(draft), value: 'password' },
    { label: l10n.t('TLS mode'), description: target.sslMode ?? none, value: 'sslMode' },
    field(l10n.t('Root certificate'), 'sslRootCert'),
    field(l10n.t('Service'), 'service'),
    field(l10n.t('Password file'), 'passfile'),
  ];
}

function passwordState(draft: Draft): string {
  if (draft.password === undefined) return l10n.t('unchanged');
  return draft.password === '' ? l10n.t('none: ~/.pgpass and PGPASSWORD are used') : l10n.t('changed');
}

async function change(
  prompts: Prompts,
  step: Exclude<Step, 'done'>,
  draft: Draft,
  taken: readonly string[],
  heading: string,
): Promise<Draft | undefined> {
  switch (step) {
    case 'name': {
      const name = await askName(
        prompts,
        draft.name,
        taken.filter((other) => other !== draft.name),
      );
      return name === undefined ? undefined : { ...draft, name };
    }
    case 'environment': {
      const environment = await askEnvironment(prompts);
      return environment && { ...draft, environment };
    }
    case 'readOnly': {
      const readOnly = await askReadOnly(prompts, draft.environment);
      return readOnly === undefined ? undefined : { ...draft, readOnly };
    }
    case 'sslMode': {
      const sslMode = await askSslMode(prompts, draft.target.sslMode);
      return sslMode && { ...draft, target: withField(draft.target, 'sslMode', sslMode) };
    }
    case 'password': {
      const password = await askPassword(prompts);
      return password === undefined ? undefined : { ...draft, password };
    }
    default: {
      const target = await askField(prompts, step, draft.target, heading);
      return target && { ...draft, target };
    }
  }
}
