import type { Backend } from './backend';
import type { PoolerDatabase, PoolerSocket } from './pooler-state';

/**
 * The backend behind a pooler's server connection, by `remote_pid`. The pid alone is no proof: it may belong to another
 * server's backend, or be another pooler's random number. Database and user must fit, and where both ends name the same
 * address, the port too.
 */
export function backendOf(
  server: PoolerSocket,
  database: PoolerDatabase | undefined,
  backends: ReadonlyMap<number, Backend>,
): Backend | undefined {
  const found = server.remotePid === null ? undefined : backends.get(server.remotePid);
  if (!found) return undefined;
  if (found.database !== (database?.database ?? server.database) || found.user !== server.user) return undefined;
  const sameAddress = found.clientAddress !== null && found.clientAddress === server.localAddress;
  if (sameAddress && server.localPort !== null && found.clientPort !== server.localPort) return undefined;
  return found;
}
