import { SourceError } from '../ports/source-error';

/** One application, or one instance of it, whose pools belong to a connection. Credentials are kept under its id. */
export interface ApplicationEndpoint {
  readonly id: string;
  readonly name: string;
  /** The Actuator's base (`…/actuator`), a metrics page (`…/actuator/prometheus`) or Dropwizard's servlet. */
  readonly url: string;
  /** How many instances run with the same pools; the address answers for one of them. */
  readonly instances: number;
  /** Its connections lead through the pooler, so that they take no slot of the server themselves. */
  readonly behindPooler: boolean;
}

/** The endpoint's address. Throws a SourceError that names what is wrong; a password in it is refused. */
export function endpointUrl({ name, url }: Pick<ApplicationEndpoint, 'name' | 'url'>): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    throw new SourceError(
      'bad-url',
      `The address of ${name} cannot be used: it must begin with http:// or https://.`,
      'Write it like http://localhost:8080/actuator.',
    );
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new SourceError(
      'bad-url',
      `The address of ${name} holds a user or a password, where others can read it. It is refused.`,
      'Store the credentials in the secret storage and take them out of the address.',
    );
  }
  parsed.hash = '';
  return parsed;
}
