import { DatabaseError } from '../ports/database-error';
import type { SystemAccess } from '../ports/system-access';
import { portNumber, sslMode } from './connection-string';
import { defaultSocketDirectories, passwordFromFile } from './pgpass';
import type { ConnectionTarget, SslMode } from './profile';
import { serviceSection } from './service-file';

/** Where a value came from, for messages. */
export type Origin = 'connection' | 'service' | 'environment' | 'default';

/** Everything needed to connect, each with its origin. */
export interface ResolvedConnection {
  /** The name: for certificates, the password file and messages. */
  readonly host: string;
  /** The address to connect to when it was given beside the name (`hostaddr`). */
  readonly address: string | undefined;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly sslMode: SslMode;
  /** A path, or `system` for the certificates the runtime trusts. */
  readonly sslRootCert: string | undefined;
  readonly sslCert: string | undefined;
  readonly sslKey: string | undefined;
  /** ms; 0 waits without end in libpq, here the default applies. */
  readonly connectTimeoutMs: number;
  readonly password: { readonly value: string; readonly from: string } | undefined;
  /** Remarks for the person, such as an ignored password file. */
  readonly notices: readonly string[];
  readonly origins: Readonly<Record<string, Origin>>;
}

const environmentNames = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  connect_timeout: 'PGCONNECT_TIMEOUT',
} as const;
type Keyword = keyof typeof environmentNames;

const defaultConnectTimeoutS = 10;

/**
 * Fills what the target leaves open, in libpq's order: the target, the service file, the `PG*` environment, libpq's
 * defaults. `storedPassword` is the one of the secret storage and wins over all others.
 * Throws a DatabaseError for an unknown service and for values that cannot be.
 */
export async function resolveConnection(
  target: ConnectionTarget,
  system: SystemAccess,
  storedPassword?: string,
): Promise<ResolvedConnection> {
  const origins: Record<string, Origin> = {};
  const explicit = keywordsOf(target);
  const serviceName = target.service ?? system.environment['PGSERVICE'];
  const service = await readService(serviceName, system);
  const find = (keyword: Keyword): string | undefined => {
    const candidates: [Origin, string | undefined][] = [
      ['connection', explicit[keyword]],
      ['service', service?.get(keyword)],
      ['environment', system.environment[environmentNames[keyword]]],
    ];
    const hit = candidates.find(([, value]) => value !== undefined && value !== '');
    origins[keyword] = hit?.[0] ?? 'default';
    return hit?.[1];
  };

  /** The keyword as the person knows it, for messages: `PGPORT`, or `port` of the service. */
  const nameOf = (keyword: Keyword): string => {
    if (origins[keyword] === 'environment') return environmentNames[keyword];
    return origins[keyword] === 'service' ? `"${keyword}" of the service "${serviceName ?? ''}"` : keyword;
  };

  const address = find('hostaddr');
  const port = portNumber(find('port') ?? '5432', nameOf('port'));
  const host = find('host') ?? address ?? (await defaultHost(system, port));
  if (host.includes(',')) {
    throw new DatabaseError(
      'bad-connection-string',
      `${nameOf('host')} lists several hosts, which cannot be watched as one server.`,
      'Add one connection for each host.',
    );
  }
  const user = find('user') ?? system.userName;
  const database = find('dbname') ?? user;
  const mode = find('sslmode');
  const timeout = Number(find('connect_timeout') ?? defaultConnectTimeoutS);
  const own = (file: string): string => `${personalDirectory(system)}/${file}`;
  const root = find('sslrootcert') ?? (await existing(own('root.crt'), system));
  const certificate = find('sslcert') ?? (await existing(own('postgresql.crt'), system));
  const key = find('sslkey') ?? (await existing(own('postgresql.key'), system));
  const notices: string[] = [];
  const password = await findPassword();
  return {
    host,
    address,
    port,
    database,
    user,
    sslMode: chosenMode(),
    sslRootCert: root,
    sslCert: certificate,
    sslKey: key,
    connectTimeoutMs: 1000 * (Number.isFinite(timeout) && timeout > 0 ? timeout : defaultConnectTimeoutS),
    password,
    notices,
    origins,
  };

  function chosenMode(): SslMode {
    if (mode === undefined) return root === 'system' ? 'verify-full' : 'prefer';
    const chosen = sslMode(mode, nameOf('sslmode'));
    if (root === 'system' && chosen !== 'verify-full') {
      throw new DatabaseError(
        'bad-connection-string',
        `sslrootcert=system takes sslmode=verify-full only, and ${nameOf('sslmode')} is ${chosen}.`,
        'Anyone can have a certificate of a well-known authority: without the check of the name it proves nothing.',
      );
    }
    return chosen;
  }

  async function findPassword(): Promise<ResolvedConnection['password']> {
    if (storedPassword !== undefined) return { value: storedPassword, from: 'the secret storage' };
    const direct = find('password');
    if (direct !== undefined) {
      return { value: direct, from: origins['password'] === 'service' ? 'the service file' : 'PGPASSWORD' };
    }
    const file =
      find('passfile') ??
      (system.windows ? `${personalDirectory(system)}/pgpass.conf` : `${system.homeDirectory}/.pgpass`);
    const permissions = await system.permissions(file);
    if (permissions === undefined) {
      if (origins['passfile'] !== 'default') notices.push(`The password file ${file} is missing or not a plain file.`);
      return undefined;
    }
    if (!system.windows && (permissions & 0o077) !== 0) {
      notices.push(`The password file ${file} is ignored, as libpq does: others may read it. Run chmod 600 on it.`);
      return undefined;
    }
    const value = passwordFromFile((await system.readText(file)) ?? '', { host, port, database, user });
    return value === undefined ? undefined : { value, from: file };
  }
}

function keywordsOf(target: ConnectionTarget): Partial<Record<Keyword, string>> {
  const found: Partial<Record<Keyword, string>> = {};
  const put = (keyword: Keyword, value: string | number | undefined): void => {
    if (value !== undefined) found[keyword] = String(value);
  };
  put('host', target.host);
  put('hostaddr', target.hostAddress);
  put('port', target.port);
  put('dbname', target.database);
  put('user', target.user);
  put('passfile', target.passfile);
  put('sslmode', target.sslMode);
  put('sslrootcert', target.sslRootCert);
  put('sslcert', target.sslCert);
  put('sslkey', target.sslKey);
  put('connect_timeout', target.connectTimeoutS);
  return found;
}

/** Where a person keeps certificates (and on Windows everything else) for libpq. */
function personalDirectory(system: SystemAccess): string {
  if (!system.windows) return `${system.homeDirectory}/.postgresql`;
  return `${system.environment['APPDATA'] ?? `${system.homeDirectory}/AppData/Roaming`}/postgresql`;
}

/** libpq has the system's directory built in; these are the ones of the usual packages. */
const systemDirectories = ['/etc/postgresql-common', '/etc/sysconfig/pgsql', '/usr/local/etc/postgresql'];

/** The service files libpq looks into, in its order. */
export function serviceFiles(system: SystemAccess): string[] {
  const { PGSERVICEFILE, PGSYSCONFDIR } = system.environment;
  const home = system.windows ? personalDirectory(system) : system.homeDirectory;
  const directories =
    PGSYSCONFDIR === undefined || PGSYSCONFDIR === '' ? (system.windows ? [] : systemDirectories) : [PGSYSCONFDIR];
  return [
    PGSERVICEFILE === undefined || PGSERVICEFILE === '' ? `${home}/.pg_service.conf` : PGSERVICEFILE,
    ...directories.map((directory) => `${directory}/pg_service.conf`),
  ];
}

async function readService(
  name: string | undefined,
  system: SystemAccess,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (name === undefined || name === '') return undefined;
  const files = serviceFiles(system);
  for (const file of files) {
    const content = await system.readText(file);
    const section = content === undefined ? undefined : serviceSection(content, name);
    if (section) return section;
  }
  throw new DatabaseError(
    'unknown-service',
    `The service "${name}" is not defined in ${files.join(' or ')}.`,
    'Add the section to the service file, set PGSERVICEFILE, or edit the connection.',
  );
}

/** libpq has one directory built in; here the one with a socket counts, and without any the network does. */
async function defaultHost(system: SystemAccess, port: number): Promise<string> {
  if (system.windows) return 'localhost';
  for (const directory of defaultSocketDirectories) {
    if (await system.exists(`${directory}/.s.PGSQL.${port}`)) return directory;
  }
  return 'localhost';
}

async function existing(file: string, system: SystemAccess): Promise<string | undefined> {
  return (await system.permissions(file)) === undefined ? undefined : file;
}
