import type { Connections } from '../ports/connections';
import { DatabaseError } from '../ports/database-error';
import type { Session } from '../ports/session';

/**
 * Runs `use` on a session of its own, so that the polls need not wait, and closes it. When the server has no slot left
 * the warm session serves: at exhaustion it is the only one that still works.
 */
export async function withReportSession<T>(
  connections: Connections,
  connectionId: string,
  signal: AbortSignal,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  let own: Session;
  try {
    own = await connections.dedicated(connectionId, signal);
  } catch (error) {
    if (!(error instanceof DatabaseError && error.reason === 'too-many-connections')) throw error;
    return use(await connections.session(connectionId, signal));
  }
  try {
    return await use(own);
  } finally {
    await own.close();
  }
}
