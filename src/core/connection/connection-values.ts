import type { SystemAccess } from '../ports/system-access';
import type { ConnectionTarget } from './profile';
import { readService } from './service-lookup';

/** Where a value came from, for messages. */
export type Origin = 'connection' | 'service' | 'environment' | 'default';

/** libpq's keywords and the variables that give their values. */
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
export type Keyword = keyof typeof environmentNames;

/** The values of a connection's keywords, in libpq's order: the target, the service file, the `PG*` environment. */
export class ConnectionValues {
  /** Where each value that was asked for came from. */
  readonly origins: Record<string, Origin> = {};
  private readonly explicit: Partial<Record<Keyword, string>>;

  private constructor(
    target: ConnectionTarget,
    private readonly system: SystemAccess,
    private readonly serviceName: string,
    private readonly service: ReadonlyMap<string, string> | undefined,
  ) {
    this.explicit = keywordsOf(target);
  }

  /** Throws a DatabaseError when the service is not defined. */
  static async read(target: ConnectionTarget, system: SystemAccess): Promise<ConnectionValues> {
    const name = target.service ?? system.environment['PGSERVICE'] ?? '';
    return new ConnectionValues(target, system, name, name === '' ? undefined : await readService(name, system));
  }

  find(keyword: Keyword): string | undefined {
    const candidates: [Origin, string | undefined][] = [
      ['connection', this.explicit[keyword]],
      ['service', this.service?.get(keyword)],
      ['environment', this.system.environment[environmentNames[keyword]]],
    ];
    const hit = candidates.find(([, value]) => value !== undefined && value !== '');
    this.origins[keyword] = hit?.[0] ?? 'default';
    return hit?.[1];
  }

  /** A keyword that was found as the person knows it, for messages: `PGPORT`, or `port` of the service. */
  nameOf(keyword: Keyword): string {
    if (this.origins[keyword] === 'environment') return environmentNames[keyword];
    return this.origins[keyword] === 'service' ? `"${keyword}" of the service "${this.serviceName}"` : keyword;
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
