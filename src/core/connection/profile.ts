/** Where a connection belongs; production asks for more before anything is changed. */
export const environments = ['development', 'staging', 'production'] as const;
export type Environment = (typeof environments)[number];

/** The TLS modes of libpq, with libpq's meaning. */
export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

/**
 * What a person wrote down about a server. Everything is optional: what is missing comes from the service file, the
 * `PG*` environment and libpq's defaults, in that order. Never holds a password.
 */
export interface ConnectionTarget {
  readonly host?: string;
  /** An address to connect to in place of the host's, which then only names the server (libpq's `hostaddr`). */
  readonly hostAddress?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  /** A section of `pg_service.conf`. */
  readonly service?: string;
  readonly passfile?: string;
  readonly sslMode?: SslMode;
  readonly sslRootCert?: string;
  readonly sslCert?: string;
  readonly sslKey?: string;
  /** Whole seconds, as libpq's `connect_timeout`. */
  readonly connectTimeoutS?: number;
}

/** One saved connection. `id` is stable for its life and is the key of the stored password. */
export interface ConnectionProfile {
  readonly id: string;
  readonly name: string;
  readonly environment: Environment;
  /** Refuses every action of the extension on this connection. */
  readonly readOnly: boolean;
  readonly target: ConnectionTarget;
}
