import type { Environment } from '../connection/profile';

/** One action that was sent to a server. Written before it is sent, and again with its result. */
export interface AuditEntry {
  readonly id: string;
  /** ms since the epoch */
  readonly at: number;
  /** Null while it runs, and for ever where the editor ended before the result came. */
  readonly endedAt: number | null;
  /** The account of the operating system that runs the editor. */
  readonly osUser: string;
  readonly connectionId: string;
  /** The connection whose runbook it was taken from: another one where a standby of it was acted on. */
  readonly takenFor: string;
  /** The connection's name at that time; it may be another by now. */
  readonly connection: string;
  readonly environment: Environment;
  readonly role: string;
  /** The backend that ran it. */
  readonly backendPid: number;
  readonly action: string;
  /** Exactly what was sent, its parameters beside it. */
  readonly statement: string;
  /** `sent` until the result is known. */
  readonly outcome: string;
  readonly message: string;
}

/** What was done, by whom, where and with which result. Nothing of it is ever changed but an entry's own result. */
export interface AuditLog {
  /** Adds an entry, or replaces the one of the same id by its result. Throws when it cannot be written. */
  record(entry: AuditEntry): void;
  /**
   * The actions on a connection, and those on others that were taken for it, in a stretch of time, oldest first; `to` is
   * not included. ms since the epoch.
   */
  actions(connectionId: string, from: number, to: number): readonly AuditEntry[];
}
