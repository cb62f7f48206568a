import type { ConnectionProfile } from '../connection/profile';
import type { Event } from './emitter';
import type { Session } from './session';

/** Opens a session, password and TLS included. Rejects with a `DatabaseError`. */
export interface SessionOpener {
  open(profile: ConnectionProfile, signal: AbortSignal): Promise<Session>;
}

/** The saved connections, in the order of the person. */
export interface ProfileStore {
  list(): readonly ConnectionProfile[];
  find(id: string): ConnectionProfile | undefined;
  readonly onDidChange: Event<void>;
}

/** How runbooks, reports and the tree reach the servers. */
export interface Connections {
  readonly profiles: ProfileStore;
  /**
   * The one warm session of this connection, opened when there is none. It is shared with the polls: short statements
   * only. At exhaustion it is the only one that still works.
   */
  session(id: string, signal?: AbortSignal): Promise<Session>;
  /** A session of its own for long statements; the caller closes it. */
  dedicated(id: string, signal?: AbortSignal): Promise<Session>;
}
