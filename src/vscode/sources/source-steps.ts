import { l10n } from 'vscode';
import type { ConnectionProfile } from '../../core/connection/profile';
import { formatTarget } from '../../core/connection/display';
import type { Choice } from '../../core/ports/prompts';
import { back, runSteps, type Back, type Step, type StepPrompts } from '../connections/step-prompts';
import { readDraft, type ReadSource, type SourceDraft, type SourceKind } from './source-draft';

type Proof = 'none' | 'basic' | 'bearer';

/** Asks for an application, a pooler or a Prometheus, step by step, with a way back. Undefined when the person gave up. */
export async function askSource(
  prompts: StepPrompts,
  first: SourceDraft,
  profiles: readonly ConnectionProfile[],
  taken: (source: ReadSource) => boolean,
): Promise<SourceDraft | undefined> {
  const steps = new SourceSteps(prompts, profiles, taken, first.credentials);
  return runSteps(first, (draft) => steps.of(draft));
}

class SourceSteps {
  private readonly title = l10n.t('Add Metrics Source');
  private proof: Proof;

  constructor(
    private readonly prompts: StepPrompts,
    private readonly profiles: readonly ConnectionProfile[],
    private readonly taken: (source: ReadSource) => boolean,
    credentials: SourceDraft['credentials'],
  ) {
    this.proof = credentials?.kind ?? 'none';
  }

  of(draft: SourceDraft): readonly Step<SourceDraft>[] {
    const proofs: Readonly<Record<Proof, readonly Step<SourceDraft>[]>> = {
      none: [],
      basic: [this.user, this.basicPassword],
      bearer: [this.token],
    };
    const credentials = [this.proofOf, ...proofs[this.proof]];
    const belongs = this.profiles.length === 1 && draft.connection !== undefined ? [] : [this.connection];
    switch (draft.kind) {
      case 'application':
        return [this.kind, ...belongs, this.url, this.name, this.instances, this.behind, ...credentials];
      case 'pooler':
        return [this.kind, ...belongs, this.host, this.port, this.poolerUser, this.name, this.poolerPassword];
      case 'prometheus':
        return [this.kind, this.url, this.name, ...credentials];
    }
  }

  private readonly kind: Step<SourceDraft> = async (draft, at) => {
    const choices: Choice<SourceKind>[] = [
      {
        label: l10n.t('Application with HikariCP'),
        detail: l10n.t('Its Actuator, a Prometheus page, or metrics of Dropwizard'),
        value: 'application',
      },
      {
        label: l10n.t('PgBouncer'),
        detail: l10n.t('Its console, as one of its stats_users or admin_users'),
        value: 'pooler',
      },
      {
        label: l10n.t('Prometheus'),
        detail: l10n.t('All servers that it knows, in the Fleet view'),
        value: 'prometheus',
      },
    ];
    // Pools belong to the server of a connection: without one there is nothing that they could lead to.
    const possible = this.profiles.length > 0 ? choices : choices.filter(({ value }) => value === 'prometheus');
    const answer = await this.prompts.pickStep(at, { title: this.title, choices: possible, active: draft.kind });
    return given(answer, (kind) => ({ ...draft, kind, connection: draft.connection ?? only(this.profiles) }));
  };

  private readonly connection: Step<SourceDraft> = async (draft, at) => {
    const choices = this.profiles.map(({ id, name, target }) => ({
      label: name,
      description: formatTarget(target),
      value: id,
    }));
    const placeholder = l10n.t('The connection to whose server its pools lead');
    const active = draft.connection === undefined ? {} : { active: draft.connection.id };
    return given(await this.prompts.pickStep(at, { title: this.title, placeholder, choices, ...active }), (id) => ({
      ...draft,
      connection: this.profiles.find((profile) => profile.id === id),
    }));
  };

  private readonly url: Step<SourceDraft> = this.text('url', () => '', {
    prompt: ({ kind }) =>
      kind === 'prometheus'
        ? l10n.t('Address below which its API lies')
        : l10n.t('Address of the Actuator or of a page of metrics, without user and password'),
    placeholder: ({ kind }) => (kind === 'prometheus' ? 'http://localhost:9090' : 'http://localhost:8080/actuator'),
    validate: (draft) => {
      const read = readDraft(draft);
      return typeof read === 'string' ? read : undefined;
    },
  });

  private readonly host: Step<SourceDraft> = this.text('host', () => '', {
    prompt: () => l10n.t('Host name or address of the pooler'),
    placeholder: () => 'localhost',
    validate: (draft) => {
      const read = readDraft({ ...draft, port: '' });
      return typeof read === 'string' ? read : undefined;
    },
  });

  private readonly port: Step<SourceDraft> = this.text('port', () => '6432', {
    prompt: () => l10n.t('Port of the pooler'),
    placeholder: () => '6432',
    validate: (draft) => {
      const read = readDraft(draft);
      return /^\s*\d+\s*$/.test(draft.port) && typeof read !== 'string'
        ? undefined
        : l10n.t('A whole number from 1 to 65535.');
    },
  });

  private readonly poolerUser: Step<SourceDraft> = this.text('user', () => '', {
    prompt: () => l10n.t('User among its stats_users or admin_users. Empty: your name on this machine'),
    placeholder: () => 'stats',
    validate: () => undefined,
  });

  private readonly name: Step<SourceDraft> = this.text('name', suggestedName, {
    prompt: () => l10n.t('Name to show it by'),
    placeholder: suggestedName,
    validate: (draft) => {
      const read = readDraft(draft);
      if (typeof read === 'string') return read;
      return this.taken(read) ? l10n.t('It is in the settings already: give it another name.') : undefined;
    },
  });

  private readonly instances: Step<SourceDraft> = async (draft, at) => {
    const request = {
      title: this.title,
      prompt: l10n.t('How many instances run with the same pools, for the sizing rule'),
      value: String(draft.instances),
      validate: (text: string): string | undefined => {
        const read = readDraft({ ...draft, instances: Number(text) });
        return /^\s*\d+\s*$/.test(text) && typeof read !== 'string' ? undefined : l10n.t('A whole number from 1 on.');
      },
    };
    return given(await this.prompts.inputStep(at, request), (text) => ({ ...draft, instances: Number(text) }));
  };

  private readonly behind: Step<SourceDraft> = async (draft, at) => {
    const choices = [
      { label: l10n.t('Straight to the server'), value: false },
      { label: l10n.t('Through PgBouncer'), detail: l10n.t('Its pools take no slot themselves'), value: true },
    ];
    const placeholder = l10n.t('Where its connections lead');
    return given(
      await this.prompts.pickStep(at, { title: this.title, placeholder, choices, active: draft.behindPooler }),
      (behindPooler) => ({ ...draft, behindPooler }),
    );
  };

  private readonly proofOf: Step<SourceDraft> = async (draft, at) => {
    const choices: Choice<Proof>[] = [
      { label: l10n.t('None'), value: 'none' },
      { label: l10n.t('User and password'), value: 'basic' },
      { label: l10n.t('Bearer token'), value: 'bearer' },
    ];
    const placeholder = l10n.t('Credentials; they are kept in the secret storage');
    return given(
      await this.prompts.pickStep(at, { title: this.title, placeholder, choices, active: this.proof }),
      (proof) => {
        this.proof = proof;
        return proof === 'none' ? { ...draft, credentials: undefined } : draft;
      },
    );
  };

  private readonly user: Step<SourceDraft> = async (draft, at) => {
    const known = draft.credentials?.kind === 'basic' ? draft.credentials : { user: '', password: '' };
    const request = {
      title: this.title,
      prompt: l10n.t('User'),
      value: known.user,
      validate: (text: string): string | undefined =>
        text.includes(':') ? l10n.t('A colon cannot stand in the name of a user.') : undefined,
    };
    return given(await this.prompts.inputStep(at, request), (user) => ({
      ...draft,
      credentials: { kind: 'basic', user, password: known.password },
    }));
  };

  private readonly basicPassword: Step<SourceDraft> = async (draft, at) => {
    const user = draft.credentials?.kind === 'basic' ? draft.credentials.user : '';
    return given(await this.prompts.inputStep(at, this.secret(l10n.t('Password'))), (password) => ({
      ...draft,
      credentials: { kind: 'basic', user, password },
    }));
  };

  private readonly token: Step<SourceDraft> = async (draft, at) =>
    given(await this.prompts.inputStep(at, this.secret(l10n.t('Token'))), (token) => ({
      ...draft,
      credentials: { kind: 'bearer', token: token.trim() },
    }));

  private readonly poolerPassword: Step<SourceDraft> = async (draft, at) => {
    const prompt = l10n.t('Password. Empty: from ~/.pgpass, or none');
    return given(
      await this.prompts.inputStep(at, { title: this.title, prompt, password: true, value: draft.password }),
      (password) => ({ ...draft, password }),
    );
  };

  private secret(prompt: string): {
    title: string;
    prompt: string;
    password: true;
    validate: (text: string) => string | undefined;
  } {
    return {
      title: this.title,
      prompt,
      password: true,
      validate: (text) => (text.trim() === '' ? l10n.t('It must not be empty.') : undefined),
    };
  }

  private text(
    field: 'url' | 'host' | 'port' | 'user' | 'name',
    suggested: (draft: SourceDraft) => string,
    ask: {
      readonly prompt: (draft: SourceDraft) => string;
      readonly placeholder: (draft: SourceDraft) => string;
      readonly validate: (draft: SourceDraft) => string | undefined;
    },
  ): Step<SourceDraft> {
    return async (draft, at) => {
      const request = {
        title: this.title,
        prompt: ask.prompt(draft),
        placeholder: ask.placeholder(draft),
        value: draft[field] === '' ? suggested(draft) : draft[field],
        validate: (text: string): string | undefined => ask.validate({ ...draft, [field]: text }),
      };
      return given(await this.prompts.inputStep(at, request), (text) => ({ ...draft, [field]: text.trim() }));
    };
  }
}

/** What it would be called without a name of its own. */
function suggestedName(draft: SourceDraft): string {
  const read = readDraft({ ...draft, name: '' });
  if (typeof read === 'string') return '';
  switch (read.kind) {
    case 'application':
      return read.endpoint.name;
    case 'pooler':
      return read.profile.name;
    case 'prometheus':
      return read.server.name;
  }
}

function only(profiles: readonly ConnectionProfile[]): ConnectionProfile | undefined {
  return profiles.length === 1 ? profiles[0] : undefined;
}

function given<T extends string | boolean>(
  answer: T | Back | undefined,
  use: (value: T) => SourceDraft,
): SourceDraft | Back | undefined {
  return answer === undefined || answer === back ? answer : use(answer);
}
