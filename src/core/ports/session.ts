import type { Event } from './emitter';
import type { RawRow } from './row';

/**
 * A statement of the product: written here, never assembled from a person's or a database's text. Values travel as
 * parameters. `row` turns a raw row into the typed one.
 */
export interface Statement<Row> {
  /** Short, stable, for logs and for "explain this". */
  readonly name: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly row: (raw: RawRow) => Row;
  /** Server-side `statement_timeout` in ms, above 0; the session's default (5 s) when missing. */
  readonly timeoutMs?: number;
  /** Server-side `lock_timeout` in ms, 500 when missing; 55P03 then means "skipped", not "broken". */
  readonly lockTimeoutMs?: number;
  /** Sent every few seconds with the same text: a session of our own lets the server keep its plan. */
  readonly repeated?: boolean;
  /**
   * Cannot run in a transaction block (VACUUM, … CONCURRENTLY, ALTER SYSTEM): `act` sends it by itself. Only on a session
   * that the caller closes after it, since its limits stay; never through a pooler.
   */
  readonly alone?: boolean;
  /** Of one that runs alone: the server goes on with it when the client closes. */
  readonly outlives?: boolean;
}

/** What the server and the role allow, probed once for each connection. */
export interface Capabilities {
  /** `server_version_num`, e.g. 170002. */
  readonly versionNum: number;
  /** e.g. "17.2". */
  readonly version: string;
  readonly major: number;
  /** True on a standby at the time of the probe; signals read it anew, since a standby can be promoted. */
  readonly inRecovery: boolean;
  readonly user: string;
  readonly database: string;
  readonly superuser: boolean;
  /** `pg_read_all_stats` or more: sees other sessions. False means "limited view". */
  readonly seesAllSessions: boolean;
  /** `pg_signal_backend` or superuser: may cancel and terminate others' sessions. */
  readonly maySignal: boolean;
  /** A pooler stands between: no session state may be set. */
  readonly pooler: boolean;
  /** Extension versions in this database by name, with their schema. */
  readonly extensions: ReadonlyMap<string, { readonly version: string; readonly schema: string }>;
  /** `shared_preload_libraries`; null where the role may not read it. */
  readonly preloadedLibraries: readonly string[] | null;
  /** The backend that serves this session; behind a pooler not stable. */
  readonly backendPid: number;
  /** `pg_postmaster_start_time()` as text, to notice a restart. */
  readonly startedAt: string;
}

/**
 * One connection to one server. Statements are queued: one is in flight at a time. Aborting the signal cancels on
 * the server too and rejects with an AbortError. Failures are `DatabaseError`s with a `reason`.
 */
export interface Session {
  readonly capabilities: Capabilities;
  readonly alive: boolean;
  /** The connection was lost, by the network or by the server. Fires once. */
  readonly onDidEnd: Event<{ readonly reason: string }>;
  /** Runs a statement that changes nothing, in a read-only transaction or session. */
  read<Row>(statement: Statement<Row>, signal?: AbortSignal): Promise<readonly Row[]>;
  /** Runs a guarded action. Callers go through the action gate of core/runbooks, which confirms and logs. */
  act<Row>(statement: Statement<Row>, signal?: AbortSignal): Promise<readonly Row[]>;
  /** Closes politely, within a time limit; never rejects. */
  close(): Promise<void>;
}
