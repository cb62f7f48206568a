/** Sessions of a server against what it can take. Ages in seconds; null where the server told nothing. */
export interface SessionsState {
  readonly used: number;
  /** Null under a limited view: other sessions' states are hidden from the role. */
  readonly active: number | null;
  readonly idle: number | null;
  readonly idleInTransaction: number | null;
  readonly idleInTransactionAborted: number | null;
  readonly lockWaiters: number | null;
  readonly oldestTransactionS: number | null;
  readonly oldestIdleInTransactionS: number | null;
  /** max_connections - superuser_reserved_connections - reserved_connections (16+). */
  readonly usable: number;
  readonly maxConnections: number;
  readonly limited: boolean;
}
