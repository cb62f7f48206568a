import { formatCount, formatDuration } from '../format/quantities';
import type { ChainLink, LinkText } from './chain';
import type { PoolerSocket } from './pooler-state';

/** The longest piece of a query on one line. */
const longestQuery = 80;

export function describeLink(link: ChainLink): LinkText {
  switch (link.kind) {
    case 'application': {
      const { endpoint, pool } = link;
      const pending = (pool.pending ?? 0) > 0 ? ` · ${pool.pending ?? 0} pending` : '';
      return { label: endpoint.name, description: `${pool.name} ${pool.active ?? '?'}/${pool.max ?? '?'}${pending}` };
    }
    case 'pooler': {
      const { pool, database } = link;
      const wait = (pool.maxWaitS ?? 0) > 0 ? ` ${formatDuration(pool.maxWaitS ?? 0)}` : '';
      const waiting = (pool.clientsWaiting ?? 0) > 0 ? ` · ${pool.clientsWaiting ?? 0} waiting${wait}` : '';
      return {
        label: `PgBouncer ${pool.database}`,
        description: `${pool.serversActive ?? '?'}/${database?.poolSize ?? '?'}${waiting}`,
      };
    }
    case 'client':
      return { label: `client ${addressOf(link.socket)}`, description: link.socket.application ?? '' };
    case 'server':
      return {
        label: `server connection ${addressOf(link.socket)}`,
        description: `backend ${link.socket.remotePid ?? '?'}`,
      };
    case 'lost':
      return {
        label: `backend ${link.pid ?? '?'}`,
        description: 'not on this server: it has gone, or another pooler or server follows',
      };
    case 'backend': {
      const { backend } = link;
      const state = backend.waitEventType === 'Lock' ? 'waits for a lock' : (backend.state ?? 'state unknown');
      const ageS = backend.state === 'active' ? backend.queryAgeS : backend.stateAgeS;
      const age = ageS === null ? '' : ` ${formatDuration(ageS)}`;
      return { label: String(backend.pid), description: `${state}${age}${queryOf(backend.query)}` };
    }
    case 'blocker': {
      const { session, holder } = link;
      if (session.pid === 0) {
        const names = session.preparedTransactions?.join(', ') ?? '';
        return { label: 'prepared transaction', description: `${names} · frees ${session.holdsUp}` };
      }
      const who = holder?.application ?? session.application ?? session.user ?? '';
      const age = session.stateAgeS === null ? '' : ` ${formatDuration(session.stateAgeS)}`;
      const through = holder ? ` · client ${addressOf(holder)}` : '';
      const frees = `holds up ${formatCount(session.holdsUp, 'session')}`;
      return {
        label: String(session.pid),
        description: `${who} · ${session.state ?? 'state unknown'}${age} · ${frees}${through}`,
      };
    }
  }
}

function addressOf({ address, port }: PoolerSocket): string {
  return `${address ?? '?'}${port === null ? '' : `:${port}`}`;
}

function queryOf(query: string | null): string {
  const line = (query ?? '').replace(/\s+/g, ' ').trim();
  if (line === '') return '';
  return ` · ${line.length > longestQuery ? `${line.slice(0, longestQuery - 1)}…` : line}`;
}
