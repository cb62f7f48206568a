import pg from 'pg';

/** Parameters of the startup message beside user and database. */
export type StartupParameters = Readonly<Record<string, string>>;

export interface StartupClientConfig extends pg.ClientConfig {
  readonly user: string;
  readonly database: string;
  /** Left out of `ClientConfig`'s types; without it `pg` reads PGSSLNEGOTIATION. */
  readonly sslnegotiation: 'postgres';
}

/**
 * `pg`'s client with a startup message of our own: `pg` can send only some parameters, and adds PGOPTIONS of the
 * environment, which a pooler refuses.
 */
export class StartupClient extends pg.Client {
  /** The pid and the key for a CancelRequest, null until the server has sent them. */
  declare readonly processID: number | null;
  declare readonly secretKey: number | null;

  constructor(
    private readonly settings: StartupClientConfig,
    private readonly parameters: StartupParameters,
  ) {
    super(settings);
  }

  /** Called by `pg` when the connection is ready for the startup message. */
  getStartupConf(): Record<string, string> {
    return { user: this.settings.user, database: this.settings.database, ...this.parameters };
  }
}
