import { environments, sslModes, type ConnectionProfile, type ConnectionTarget } from './profile';
import { passwordIn } from './settings-password';

/** Something in the setting that cannot be used, in words for the person. */
export interface ProfileProblem {
  readonly index: number;
  readonly name: string | undefined;
  readonly message: string;
  /** A password was found: it is refused, and can be moved to the secret storage. */
  readonly password?: string;
  readonly id?: string;
}

export interface ReadProfiles {
  readonly profiles: readonly ConnectionProfile[];
  readonly problems: readonly ProfileProblem[];
}

const textFields = [
  'host',
  'hostAddress',
  'database',
  'user',
  'service',
  'passfile',
  'sslRootCert',
  'sslCert',
  'sslKey',
] as const;
const profileFields = new Set(['id', 'name', 'environment', 'readOnly', 'target']);
const targetFields = new Set<string>([...textFields, 'port', 'sslMode', 'connectTimeoutS']);

/**
 * Reads the setting `dbOps.connections`. Whatever is wrong with one entry leaves the others as they are; an entry with
 * a password is refused until the password is moved.
 */
export function readProfiles(setting: unknown): ReadProfiles {
  if (setting === undefined || setting === null) return { profiles: [], problems: [] };
  if (!Array.isArray(setting)) {
    return { profiles: [], problems: [{ index: -1, name: undefined, message: 'dbOps.connections must be a list.' }] };
  }
  const profiles: ConnectionProfile[] = [];
  const problems: ProfileProblem[] = [];
  setting.forEach((entry: unknown, index) => {
    const outcome = readProfile(entry, index);
    if ('message' in outcome) problems.push(outcome);
    else if (profiles.some((other) => other.id === outcome.id)) {
      problems.push({
        index,
        name: outcome.name,
        message: `The id "${outcome.id}" is used twice; the first one counts.`,
      });
    } else profiles.push(outcome);
  });
  return { profiles, problems };
}

function readProfile(entry: unknown, index: number): ConnectionProfile | ProfileProblem {
  if (!isRecord(entry)) return { index, name: undefined, message: 'A connection must be an object.' };
  const name = typeof entry['name'] === 'string' ? entry['name'] : undefined;
  const fail = (message: string): ProfileProblem => ({ index, name, message });
  const id = entry['id'];
  if (typeof id !== 'string' || id === '') return fail('"id" must be a text that is not empty.');
  if (name === undefined || name.trim() === '') return fail('"name" must be a text that is not empty.');
  const target = entry['target'] ?? {};
  if (!isRecord(target)) return fail('"target" must be an object.');
  const password = passwordIn(entry);
  if (password !== undefined) {
    return {
      ...fail(
        'A password stands in the settings, where others can read it. It is refused; move it to the secret storage.',
      ),
      id,
      password,
    };
  }
  const environment = entry['environment'] ?? 'development';
  const known = environments.find((candidate) => candidate === environment);
  if (known === undefined) return fail(`"environment" must be one of ${environments.join(', ')}.`);
  const readOnly = entry['readOnly'] ?? known === 'production';
  if (typeof readOnly !== 'boolean') return fail('"readOnly" must be true or false.');
  const strangers = [
    ...Object.keys(entry).filter((key) => !profileFields.has(key)),
    ...Object.keys(target)
      .filter((key) => !targetFields.has(key))
      .map((key) => `target.${key}`),
  ];
  if (strangers.length > 0) {
    const known = [...targetFields].join(', ');
    return fail(`"${strangers.join('", "')}" is not known. The fields of "target" are ${known}.`);
  }
  const read = readTarget(target);
  if (typeof read === 'string') return fail(read);
  return { id, name, environment: known, readOnly, target: read };
}

function readTarget(target: Readonly<Record<string, unknown>>): ConnectionTarget | string {
  for (const field of textFields) {
    if (target[field] !== undefined && typeof target[field] !== 'string') return `"target.${field}" must be a text.`;
  }
  const host = target['host'];
  if (typeof host === 'string' && /[\s@,]|:\/\//.test(host)) {
    return '"target.host" must be one host name, address or socket directory, without user, port or scheme.';
  }
  const port = target['port'];
  if (port !== undefined && !(typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    return '"target.port" must be a whole number from 1 to 65535.';
  }
  if (target['sslMode'] !== undefined && !sslModes.some((mode) => mode === target['sslMode'])) {
    return `"target.sslMode" must be one of ${sslModes.join(', ')}.`;
  }
  const timeout = target['connectTimeoutS'];
  if (timeout !== undefined && !(typeof timeout === 'number' && Number.isInteger(timeout) && timeout >= 0)) {
    return '"target.connectTimeoutS" must be a whole number of seconds.';
  }
  return target;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
