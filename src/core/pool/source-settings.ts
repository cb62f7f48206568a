import { sslModes, type ConnectionProfile } from '../connection/profile';
import type { SourcesOfConnection } from '../monitor/connection-sources';
import { SourceError } from '../ports/source-error';
import { endpointUrl, type ApplicationEndpoint } from './application-endpoint';

export interface ReadSources {
  readonly sources: readonly SourcesOfConnection[];
  /** What cannot be used, in words for the person; the rest counts all the same. */
  readonly problems: readonly string[];
}

type Entry = Readonly<Record<string, unknown>>;
const applicationFields = ['connection', 'name', 'url', 'instances', 'behindPooler'];
const poolerFields = ['connection', 'name', 'host', 'port', 'user', 'sslMode'];

/** Reads `dbOps.applications` and `dbOps.poolers`, with the ids of connections (`withConnectionIds`). */
export function readSources(applications: unknown, poolers: unknown): ReadSources {
  const problems: string[] = [];
  const byConnection = new Map<string, { applications: ApplicationEndpoint[]; poolers: ConnectionProfile[] }>();
  const of = (connection: string): { applications: ApplicationEndpoint[]; poolers: ConnectionProfile[] } => {
    const found = byConnection.get(connection) ?? { applications: [], poolers: [] };
    byConnection.set(connection, found);
    return found;
  };
  eachEntry('dbOps.applications', applications, applicationFields, problems, (connection, name, entry) => {
    const endpoint = readApplication(connection, name, entry);
    const twice = of(connection).applications.some((one) => one.id === endpoint.id && one.url === endpoint.url);
    if (twice) throw new Error('it stands there twice');
    of(connection).applications.push(endpoint);
  });
  eachEntry('dbOps.poolers', poolers, poolerFields, problems, (connection, name, entry) => {
    of(connection).poolers.push(readPooler(connection, name, entry));
  });
  return { sources: [...byConnection].map(([connectionId, found]) => ({ connectionId, ...found })), problems };
}

function eachEntry(
  setting: string,
  value: unknown,
  fields: readonly string[],
  problems: string[],
  take: (connection: string, name: string, entry: Entry) => void,
): void {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value)) {
    problems.push(`${setting} must be a list.`);
    return;
  }
  (value as unknown[]).forEach((entry, index) => {
    try {
      if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw new Error('it must be an object');
      const { connection, name } = entry as Entry;
      if (typeof connection !== 'string' || connection === '')
        throw new Error('"connection" must be the name of a connection');
      const stranger = Object.keys(entry).find((key) => !fields.includes(key));
      if (stranger !== undefined) {
        const secret = /pass|secret|token|credential/i.test(stranger);
        const way = secret ? 'secrets are stored with "DB Ops: Store Credentials…"' : `known are ${fields.join(', ')}`;
        throw new Error(`"${stranger}" is not known; ${way}`);
      }
      if (name !== undefined && (typeof name !== 'string' || name.trim() === ''))
        throw new Error('"name" must be a text');
      take(connection, name ?? '', entry as Entry);
    } catch (error) {
      const why =
        error instanceof SourceError ? error.told : `${error instanceof Error ? error.message : String(error)}.`;
      problems.push(`Entry ${index + 1} of ${setting}: ${why}`);
    }
  });
}

function readApplication(connection: string, name: string, entry: Entry): ApplicationEndpoint {
  const { url, instances = 1, behindPooler = false } = entry;
  if (typeof url !== 'string') throw new Error('"url" must be an address like http://localhost:8080/actuator');
  if (!(typeof instances === 'number' && Number.isInteger(instances) && instances >= 1 && instances <= 10_000)) {
    throw new Error('"instances" must be a whole number from 1 on');
  }
  if (typeof behindPooler !== 'boolean') throw new Error('"behindPooler" must be true or false');
  const parsed = endpointUrl({ name: name === '' ? 'the application' : name, url });
  const shown = name === '' ? parsed.host : name;
  return { id: `${connection}/${shown}`, name: shown, url, instances, behindPooler };
}

function readPooler(connection: string, name: string, entry: Entry): ConnectionProfile {
  const { host, port = 6432, user, sslMode } = entry;
  if (typeof host !== 'string' || host === '' || /[\s@,]|:\/\//.test(host))
    throw new Error('"host" must be one host name or address');
  if (!(typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new Error('"port" must be a whole number from 1 to 65535');
  }
  if (user !== undefined && typeof user !== 'string') throw new Error('"user" must be a text');
  const mode = sslModes.find((known) => known === sslMode);
  if (sslMode !== undefined && mode === undefined) throw new Error(`"sslMode" must be one of ${sslModes.join(', ')}`);
  const shown = name === '' ? 'pgbouncer' : name;
  const target = {
    host,
    port,
    ...(user === undefined ? {} : { user }),
    ...(mode === undefined ? {} : { sslMode: mode }),
  };
  return { id: `pooler ${connection}/${shown}`, name: shown, environment: 'development', readOnly: true, target };
}
