import type { ConnectionProfile } from '../connection/profile';
import type { RawRow } from './row';

/** What is asked of PgBouncer's console. Nothing here changes anything; statistics users may ask for all of them. */
export const showCommands = ['POOLS', 'STATS', 'DATABASES', 'CLIENTS', 'SERVERS', 'CONFIG', 'VERSION'] as const;
export type ShowCommand = (typeof showCommands)[number];

/** The console of one PgBouncer. Commands run one after another; failures are `DatabaseError`s. */
export interface PoolerConsole {
  /** e.g. "1.18.0"; null where it does not say. */
  readonly version: string | null;
  readonly alive: boolean;
  /** Rows by column name: which columns there are depends on the version. */
  show(command: ShowCommand, signal?: AbortSignal): Promise<readonly RawRow[]>;
  /** Never rejects. */
  close(): Promise<void>;
}

export interface PoolerConsoleOpener {
  /** The profile names host, port and user of the pooler; its database is always `pgbouncer`. */
  open(profile: ConnectionProfile, signal: AbortSignal): Promise<PoolerConsole>;
}
