/** A session that waits for a lock or holds one that others wait for. `pid` 0 stands for a prepared transaction. */
export interface LockSession {
  readonly pid: number;
  /** `backend_start` as the server prints it, with microseconds: with the pid the identity for any kill. */
  readonly backendStart: string | null;
  readonly backendType: string | null;
  readonly database: string | null;
  readonly user: string | null;
  readonly application: string | null;
  readonly clientAddress: string | null;
  readonly state: string | null;
  readonly waitEvent: string | null;
  readonly transactionAgeS: number | null;
  readonly queryAgeS: number | null;
  /** Age of the present state: for idle in transaction the time it has been idle. */
  readonly stateAgeS: number | null;
  /** How long it has waited; null when it does not wait or before 14. */
  readonly waitingS: number | null;
  readonly waits: boolean;
  readonly query: string | null;
  /** Sessions that stand in its way, duplicates removed. */
  readonly blockedBy: readonly number[];
  /** Sessions that wait for this one directly. */
  readonly blocks: readonly number[];
  /** Sessions that wait for this one directly or through others. */
  readonly holdsUp: number;
  /** Global identifiers of prepared transactions, for pid 0. */
  readonly preparedTransactions?: readonly string[];
}

/** The blocking graph: a DAG but for deadlocks in the second before the server resolves them. */
export interface LockState {
  readonly sessions: ReadonlyMap<number, LockSession>;
  /** Pids that wait for nobody, the one that holds up most first. Members of a cycle count as roots too. */
  readonly roots: readonly number[];
  readonly waiting: number;
  readonly longestWaitS: number | null;
  /** More waiters than the statement reads: the graph is a part of the truth. */
  readonly truncated: boolean;
  readonly limited: boolean;
}
