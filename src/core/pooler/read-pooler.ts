import type { PoolerConsole, ShowCommand } from '../ports/pooler-console';
import type { RawRow } from '../ports/row';
import {
  isUserPool,
  readConfig,
  readDatabase,
  readPool,
  readSocket,
  readStats,
  type PoolerState,
} from './pooler-state';

/** One look at a PgBouncer, in six commands. Rejects when the console is lost; see PoolerConsole. */
export async function readPooler(pooler: PoolerConsole, signal?: AbortSignal): Promise<PoolerState> {
  const rows = (command: ShowCommand): Promise<readonly RawRow[]> => pooler.show(command, signal);
  const pools = (await rows('POOLS')).map(readPool).filter(isUserPool);
  const databases = (await rows('DATABASES')).map(readDatabase).filter(({ name }) => isUserPool({ database: name }));
  const stats = (await rows('STATS')).map(readStats).filter(isUserPool);
  // Clients before servers: a link then leads to a server that is read later, not to one that has gone.
  const clients = (await rows('CLIENTS')).map(readSocket).filter(isUserPool);
  const servers = (await rows('SERVERS')).map(readSocket).filter(isUserPool);
  const config = readConfig(await rows('CONFIG'));
  return { version: pooler.version, pools, databases, stats, clients, servers, config };
}
