import { l10n } from 'vscode';
import { parseConnectionString } from '../../core/connection/connection-string';
import { suggestName, withField, type Draft, type Way } from './draft';
import {
  connectionStringQuestion,
  environmentChoices,
  fieldQuestion,
  nameQuestion,
  passwordQuestion,
  readOnlyChoices,
  sslModeChoices,
  withAnswer,
  type TextField,
} from './questions';
import { back, runSteps, type Back, type Step, type StepPrompts } from './step-prompts';

/** Asks for a new connection, step by step, with a way back. Undefined when the person gave up. */
export async function askNewConnection(
  prompts: StepPrompts,
  first: Draft,
  taken: readonly string[],
  services: readonly string[],
): Promise<Draft | undefined> {
  const steps = new AddSteps(prompts, taken, services);
  return runSteps(first, (draft) => steps.of(draft));
}

class AddSteps {
  private readonly title = l10n.t('Add Connection');

  constructor(
    private readonly prompts: StepPrompts,
    private readonly taken: readonly string[],
    private readonly services: readonly string[],
  ) {}

  of(draft: Draft): readonly Step<Draft>[] {
    const place: readonly Step<Draft>[] = {
      string: [this.connectionString],
      service: [this.service],
      fields: [this.field('host'), this.field('port'), this.field('database'), this.field('user'), this.sslMode],
    }[draft.way];
    const verified = draft.way === 'fields' && (draft.target.sslMode ?? '').startsWith('verify');
    // A password that came in the string is not asked for again.
    const withPassword = draft.way === 'string' && hasPassword(draft.connectionString);
    return [
      this.way,
      ...place,
      ...(verified ? [this.field('sslRootCert')] : []),
      this.name,
      this.environment,
      this.readOnly,
      ...(withPassword ? [] : [this.password]),
    ];
  }

  private readonly way: Step<Draft> = async (draft, at) => {
    const ways: { label: string; detail: string; value: Way }[] = [
      {
        label: l10n.t('Connection string'),
        detail: l10n.t('postgresql://user@host:5432/database, host=… dbname=…, or a JDBC URL'),
        value: 'string',
      },
      {
        label: l10n.t('Host, port, database, user'),
        detail: l10n.t('One after another; what is left empty is as libpq has it'),
        value: 'fields',
      },
      {
        label: l10n.t('Service of pg_service.conf'),
        detail: this.services.length === 0 ? l10n.t('None is defined on this machine yet') : this.services.join(', '),
        value: 'service',
      },
    ];
    const way = await this.prompts.pickStep(at, { title: this.title, choices: ways, active: draft.way });
    // Another way begins anew, so that nothing of the first is left in the target.
    return given(way, (value) => (value === draft.way ? draft : { ...draft, way: value, target: {}, name: '' }));
  };

  private readonly connectionString: Step<Draft> = async (draft, at) => {
    const question = connectionStringQuestion(this.title, draft.connectionString);
    return given(await this.prompts.inputStep(at, question), (text) => {
      const { target, password } = parseConnectionString(text);
      return { ...draft, connectionString: text, target, password };
    });
  };

  private readonly service: Step<Draft> = async (draft, at) => {
    const named = (service: string): Draft => ({ ...draft, target: withField(draft.target, 'service', service) });
    if (this.services.length === 0) {
      return given(await this.prompts.inputStep(at, fieldQuestion('service', draft.target, this.title)), (text) =>
        named(text.trim()),
      );
    }
    const choices = this.services.map((name) => ({ label: name, value: name }));
    const active = draft.target.service === undefined ? {} : { active: draft.target.service };
    return given(await this.prompts.pickStep(at, { title: this.title, choices, ...active }), named);
  };

  private field(field: TextField): Step<Draft> {
    return async (draft, at) =>
      given(await this.prompts.inputStep(at, fieldQuestion(field, draft.target, this.title)), (text) => ({
        ...draft,
        target: withAnswer(draft.target, field, text),
      }));
  }

  private readonly sslMode: Step<Draft> = async (draft, at) => {
    const active = draft.target.sslMode ?? 'prefer';
    const request = { title: this.title, placeholder: l10n.t('TLS mode'), choices: sslModeChoices(), active };
    return given(await this.prompts.pickStep(at, request), (mode) => ({
      ...draft,
      target: withField(draft.target, 'sslMode', mode),
    }));
  };

  private readonly name: Step<Draft> = async (draft, at) => {
    const value = draft.name === '' ? suggestName(draft.target, this.taken) : draft.name;
    return given(await this.prompts.inputStep(at, nameQuestion(this.title, value, this.taken)), (name) => ({
      ...draft,
      name: name.trim(),
    }));
  };

  private readonly environment: Step<Draft> = async (draft, at) => {
    const request = {
      title: this.title,
      placeholder: l10n.t('Environment'),
      choices: environmentChoices(),
      active: draft.environment,
    };
    return given(await this.prompts.pickStep(at, request), (environment) =>
      environment === draft.environment ? draft : { ...draft, environment, readOnly: environment === 'production' },
    );
  };

  private readonly readOnly: Step<Draft> = async (draft, at) => {
    const request = {
      title: this.title,
      placeholder: l10n.t('What this extension may do there'),
      choices: readOnlyChoices(draft.environment),
      active: draft.readOnly,
    };
    return given(await this.prompts.pickStep(at, request), (readOnly) => ({ ...draft, readOnly }));
  };

  private readonly password: Step<Draft> = async (draft, at) =>
    given(await this.prompts.inputStep(at, passwordQuestion(this.title)), (password) => ({ ...draft, password }));
}

function given<T extends string | boolean>(
  answer: T | Back | undefined,
  use: (value: T) => Draft,
): Draft | Back | undefined {
  return answer === undefined || answer === back ? answer : use(answer);
}

function hasPassword(connectionString: string): boolean {
  try {
    return parseConnectionString(connectionString).password !== undefined;
  } catch {
    return false;
  }
}
