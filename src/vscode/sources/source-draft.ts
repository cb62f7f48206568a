import { readSources } from '../../core/pool/source-settings';
import type { ApplicationEndpoint } from '../../core/pool/application-endpoint';
import type { ConnectionProfile } from '../../core/connection/profile';
import type { Credentials } from '../../core/ports/http';
import { readPrometheus, type PrometheusServer } from '../../core/prometheus/prometheus-settings';

export type SourceKind = 'application' | 'pooler' | 'prometheus';

/** What a person has answered so far about something beside a server. */
export interface SourceDraft {
  readonly kind: SourceKind;
  /** Of an application or a pooler: the connection they belong to. */
  readonly connection: { readonly id: string; readonly name: string } | undefined;
  readonly name: string;
  readonly url: string;
  readonly instances: number;
  readonly behindPooler: boolean;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly credentials: Credentials | undefined;
  readonly password: string;
}

export const emptySource: SourceDraft = {
  kind: 'application',
  connection: undefined,
  name: '',
  url: '',
  instances: 1,
  behindPooler: false,
  host: '',
  port: '',
  user: '',
  credentials: undefined,
  password: '',
};

/** The draft as the extension would read it from its setting. */
export type ReadSource =
  | { readonly kind: 'application'; readonly endpoint: ApplicationEndpoint }
  | { readonly kind: 'pooler'; readonly profile: ConnectionProfile }
  | { readonly kind: 'prometheus'; readonly server: PrometheusServer };

/** The entry of the setting: connections by name, as a person would write it, without a secret. */
export function entryOf(draft: SourceDraft): Readonly<Record<string, unknown>> {
  const named = draft.name.trim() === '' ? {} : { name: draft.name.trim() };
  const connection = draft.connection === undefined ? {} : { connection: draft.connection.name };
  switch (draft.kind) {
    case 'application':
      return {
        ...connection,
        ...named,
        url: draft.url.trim(),
        ...(draft.instances === 1 ? {} : { instances: draft.instances }),
        ...(draft.behindPooler ? { behindPooler: true } : {}),
      };
    case 'pooler':
      return {
        ...connection,
        ...named,
        host: draft.host.trim(),
        ...(draft.port.trim() === '' ? {} : { port: Number(draft.port) }),
        ...(draft.user.trim() === '' ? {} : { user: draft.user.trim() }),
      };
    case 'prometheus':
      return { ...named, url: draft.url.trim() };
  }
}

/** Reads the draft with the reader of the setting; a text says why it would be refused. */
export function readDraft(draft: SourceDraft): ReadSource | string {
  const entry = { ...entryOf(draft), ...(draft.connection === undefined ? {} : { connection: draft.connection.id }) };
  if (draft.kind === 'prometheus') {
    const { servers, problems } = readPrometheus([entry]);
    const [server] = servers;
    return server ? { kind: 'prometheus', server } : reasonOf(problems);
  }
  const asList = [entry];
  const { sources, problems } =
    draft.kind === 'application' ? readSources(asList, undefined) : readSources(undefined, asList);
  const endpoint = sources[0]?.applications[0];
  if (endpoint) return { kind: 'application', endpoint };
  const profile = sources[0]?.poolers[0];
  return profile ? { kind: 'pooler', profile } : reasonOf(problems);
}

/** The id under which its secret is kept. */
export function secretIdOf(source: ReadSource): string {
  switch (source.kind) {
    case 'application':
      return source.endpoint.id;
    case 'pooler':
      return source.profile.id;
    case 'prometheus':
      return source.server.id;
  }
}

/** Without the place in the setting, which a draft does not have yet. */
function reasonOf(problems: readonly string[]): string {
  return (problems[0] ?? '').replace(/^Entry \d+ of [\w.]+: /, '');
}
