import type { RawRow } from '../ports/row';
import { columnFlag, columnNumber, columnSeconds, columnText } from './columns';

/** The pool of one database and user. Counts are null where the version does not tell them. */
export interface PoolerPool {
  readonly database: string;
  readonly user: string;
  /** Linked to a server connection, or idle with nothing to do: not "at work". */
  readonly clientsActive: number | null;
  /** Sent a query and got no server connection yet. */
  readonly clientsWaiting: number | null;
  readonly serversActive: number | null;
  readonly serversIdle: number | null;
  /** Idle, to be checked before the next use. */
  readonly serversUsed: number | null;
  readonly serversTested: number | null;
  readonly serversLogin: number | null;
  /** How long the first in the queue has waited, in seconds. */
  readonly maxWaitS: number | null;
  readonly poolMode: string | null;
}

export interface PoolerDatabase {
  readonly name: string;
  readonly host: string | null;
  readonly port: number | null;
  /** Its name on the server. */
  readonly database: string | null;
  /** For each user of it. */
  readonly poolSize: number | null;
  readonly reserveSize: number | null;
  /** Of all its users together; null or 0 is without limit. */
  readonly maxConnections: number | null;
  readonly connections: number | null;
  readonly paused: boolean | null;
  readonly disabled: boolean | null;
}

export interface PoolerStats {
  readonly database: string;
  /** Since the pooler started; a fall is a restart. */
  readonly transactions: number | null;
  readonly queries: number | null;
  /** Together, in seconds. */
  readonly waitS: number | null;
  /** Of the last period, in seconds. */
  readonly averageWaitS: number | null;
  readonly averageQueryS: number | null;
}

/** One connection of a client, or to a server. `link` leads to the other side's `pointer`. */
export interface PoolerSocket {
  readonly pointer: string | null;
  readonly link: string | null;
  readonly database: string | null;
  readonly user: string | null;
  readonly state: string | null;
  readonly address: string | null;
  readonly port: number | null;
  /** The pooler's end: what the server sees as the client's address. */
  readonly localAddress: string | null;
  readonly localPort: number | null;
  /** From 1.18 on. */
  readonly application: string | null;
  readonly waitS: number | null;
  /** Of a server connection: the backend's pid, or a random number when another pooler follows. */
  readonly remotePid: number | null;
}

/** All that one look at a PgBouncer gave. */
export interface PoolerState {
  readonly version: string | null;
  readonly pools: readonly PoolerPool[];
  readonly databases: readonly PoolerDatabase[];
  readonly stats: readonly PoolerStats[];
  readonly clients: readonly PoolerSocket[];
  readonly servers: readonly PoolerSocket[];
  /** By key; empty where it was not asked for. */
  readonly config: ReadonlyMap<string, string>;
}

/** The console's own database. */
const consoleDatabase = 'pgbouncer';

export function readPool(row: RawRow): PoolerPool {
  return {
    database: columnText(row, 'database') ?? '',
    user: columnText(row, 'user') ?? '',
    clientsActive: columnNumber(row, 'cl_active'),
    clientsWaiting: columnNumber(row, 'cl_waiting'),
    serversActive: columnNumber(row, 'sv_active'),
    serversIdle: columnNumber(row, 'sv_idle'),
    serversUsed: columnNumber(row, 'sv_used'),
    serversTested: columnNumber(row, 'sv_tested'),
    serversLogin: columnNumber(row, 'sv_login'),
    maxWaitS: columnSeconds(row, 'maxwait', 'maxwait_us'),
    poolMode: columnText(row, 'pool_mode'),
  };
}

export function readDatabase(row: RawRow): PoolerDatabase {
  return {
    name: columnText(row, 'name') ?? '',
    host: columnText(row, 'host'),
    port: columnNumber(row, 'port'),
    database: columnText(row, 'database'),
    poolSize: columnNumber(row, 'pool_size'),
    reserveSize: columnNumber(row, 'reserve_pool_size', 'reserve_pool'),
    maxConnections: columnNumber(row, 'max_connections'),
    connections: columnNumber(row, 'current_connections'),
    paused: columnFlag(row, 'paused'),
    disabled: columnFlag(row, 'disabled'),
  };
}

export function readStats(row: RawRow): PoolerStats {
  const seconds = (name: string): number | null => {
    const micros = columnNumber(row, name);
    return micros === null ? null : micros / 1e6;
  };
  return {
    database: columnText(row, 'database') ?? '',
    transactions: columnNumber(row, 'total_xact_count'),
    queries: columnNumber(row, 'total_query_count'),
    waitS: seconds('total_wait_time'),
    averageWaitS: seconds('avg_wait_time'),
    averageQueryS: seconds('avg_query_time'),
  };
}

export function readSocket(row: RawRow): PoolerSocket {
  return {
    pointer: columnText(row, 'ptr'),
    link: columnText(row, 'link'),
    database: columnText(row, 'database'),
    user: columnText(row, 'user'),
    state: columnText(row, 'state'),
    address: columnText(row, 'addr'),
    port: columnNumber(row, 'port'),
    localAddress: columnText(row, 'local_addr'),
    localPort: columnNumber(row, 'local_port'),
    application: columnText(row, 'application_name'),
    waitS: columnSeconds(row, 'wait', 'wait_us'),
    remotePid: columnNumber(row, 'remote_pid'),
  };
}

/** Key and value; `default` and `changeable` came and went. */
export function readConfig(rows: readonly RawRow[]): ReadonlyMap<string, string> {
  return new Map(
    rows.flatMap((row) => {
      const key = columnText(row, 'key');
      return key === null ? [] : [[key, columnText(row, 'value') ?? ''] as const];
    }),
  );
}

/** Not the console itself. */
export function isUserPool({ database }: { readonly database: string | null }): boolean {
  return database !== null && database !== '' && database !== consoleDatabase;
}
