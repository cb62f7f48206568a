import { DatabaseError } from '../ports/database-error';
import type { SystemAccess } from '../ports/system-access';
import { portNumber, sslMode } from './connection-string';
import { defaultSocketDirectories, passwordFromFile } from './pgpass';
import type { ConnectionTarget, SslMode } from './profile';
import { ConnectionValues, type Keyword, type Origin } from './connection-values';
import { personalDirectory } from './service-lookup';

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

const defaultConnectTimeoutS = 10;
const longestConnectTimeoutS = 3600;

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
  const values = await ConnectionValues.read(target, system);
  const find = (keyword: Keyword): string | undefined => values.find(keyword);
  const address = find('hostaddr');
  const port = portNumber(find('port') ?? '5432', values.nameOf('port'));
  const host = find('host') ?? address ?? (await defaultHost(system, port));
  if (host.includes(',')) {
    throw new DatabaseError(
      'bad-connection-string',
      `${values.nameOf('host')} lists several hosts, which cannot be watched as one server.`,
      'Add one connection for each host.',
    );
  }
  const user = find('user') ?? system.userName;
  const database = find('dbname') ?? user;
  const mode = find('sslmode');
  const timeout = Number(find('connect_timeout') ?? defaultConnectTimeoutS);
  const own = (file: string): string => `${personalDirectory(system)}/${file}`;
  const path = (keyword: Keyword): string | undefined => find(keyword)?.replace(/^~(?=\/)/, system.homeDirectory);
  const root = path('sslrootcert') ?? (await existing(own('root.crt'), system));
  const certificate = path('sslcert') ?? (await existing(own('postgresql.crt'), system));
  const key = path('sslkey') ?? (await existing(own('postgresql.key'), system));
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
    connectTimeoutMs: 1000 * (timeout > 0 ? Math.min(timeout, longestConnectTimeoutS) : defaultConnectTimeoutS),
    password,
    notices,
    origins: values.origins,
  };

  function chosenMode(): SslMode {
    if (mode === undefined) return root === 'system' ? 'verify-full' : 'prefer';
    const chosen = sslMode(mode, values.nameOf('sslmode'));
    if (root === 'system' && chosen !== 'verify-full') {
      throw new DatabaseError(
        'bad-connection-string',
        `sslrootcert=system takes sslmode=verify-full only, and ${values.nameOf('sslmode')} is ${chosen}.`,
        'Anyone can have a certificate of a well-known authority: without the check of the name it proves nothing.',
      );
    }
    return chosen;
  }

  async function findPassword(): Promise<ResolvedConnection['password']> {
    if (storedPassword !== undefined && storedPassword !== '')
      return { value: storedPassword, from: 'the secret storage' };
    const direct = find('password');
    if (direct !== undefined) {
      return { value: direct, from: values.origins['password'] === 'service' ? 'the service file' : 'PGPASSWORD' };
    }
    const file =
      path('passfile') ??
      (system.windows ? `${personalDirectory(system)}/pgpass.conf` : `${system.homeDirectory}/.pgpass`);
    const permissions = await system.permissions(file);
    if (permissions === undefined) {
      if (values.origins['passfile'] !== 'default')
        notices.push(`The password file ${file} is missing or not a plain file.`);
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
