import type { LockSession, LockState } from '../health/blocking';
import type { ApplicationEndpoint } from '../pool/application-endpoint';
import type { ApplicationPool } from '../pool/application-pool';
import { backendOf } from './backend-of-server';
import type { Backend } from './backend';
import { describeLink } from './describe-link';
import type { PoolerDatabase, PoolerPool, PoolerSocket, PoolerState } from './pooler-state';

/** One step from the application to what holds it up. */
export type ChainLink =
  | { readonly kind: 'application'; readonly endpoint: ApplicationEndpoint; readonly pool: ApplicationPool }
  | { readonly kind: 'pooler'; readonly pool: PoolerPool; readonly database: PoolerDatabase | undefined }
  | { readonly kind: 'client'; readonly socket: PoolerSocket }
  | { readonly kind: 'server'; readonly socket: PoolerSocket }
  | { readonly kind: 'backend'; readonly backend: Backend }
  /** `remote_pid` is no backend of this server: it has gone, is on another server, or another pooler follows. */
  | { readonly kind: 'lost'; readonly pid: number | null }
  /** `holder` is the pooler's client whose transaction it is, where it came through the pooler. */
  | { readonly kind: 'blocker'; readonly session: LockSession; readonly holder: PoolerSocket | undefined };

/** A link as a tree shows it: plain text that came from servers, to be escaped where that matters. */
export interface LinkText {
  readonly label: string;
  readonly description: string;
}

/** Why a connection is not given back. */
export type ChainReason = 'blocked' | 'idle in transaction' | 'running' | 'idle' | 'unknown';

export interface ChainPath {
  /** Each link in words, for a tree that knows nothing of pools. */
  readonly texts: readonly LinkText[];
  /** From the application, where one is known, to the root of what blocks. */
  readonly links: readonly ChainLink[];
  readonly reason: ChainReason;
  /** How long it has lasted, in seconds; null is unknown. */
  readonly ageS: number | null;
  /** Sessions that become free when the last link ends. */
  readonly frees: number;
}

export interface ChainApplication {
  readonly endpoint: ApplicationEndpoint;
  readonly pools: readonly ApplicationPool[];
}

export interface ChainInput {
  readonly applications: readonly ChainApplication[];
  /** Null without a pooler: the applications' connections are backends themselves. */
  readonly pooler: PoolerState | null;
  readonly backends: readonly Backend[];
  readonly locks: LockState | null;
}

const order: readonly ChainReason[] = ['blocked', 'idle in transaction', 'running', 'unknown', 'idle'];

/**
 * Every connection that an application holds, followed to what it waits for: the one that explains the most first. The
 * first path is what a person wants to see; the others are its like.
 */
export function traceChain(input: ChainInput): readonly ChainPath[] {
  const paths = input.pooler ? throughPooler(input, input.pooler) : direct(input);
  const sorted = paths.sort(
    (a, b) => order.indexOf(a.reason) - order.indexOf(b.reason) || b.frees - a.frees || (b.ageS ?? 0) - (a.ageS ?? 0),
  );
  return sorted.map((path) => ({ ...path, texts: path.links.map(describeLink) }));
}

type Traced = Omit<ChainPath, 'texts'>;

function throughPooler(input: ChainInput, pooler: PoolerState): Traced[] {
  const clients = new Map(pooler.clients.map((client) => [client.pointer, client]));
  const backends = new Map(input.backends.map((backend) => [backend.pid, backend]));
  return pooler.servers.flatMap((server) => {
    // Only a server connection that is lent to a client keeps somebody waiting.
    if (server.link === null) return [];
    const client = clients.get(server.link);
    const database = pooler.databases.find(({ name }) => name === server.database);
    const pool = pooler.pools.find((one) => one.database === server.database && one.user === client?.user);
    const links: ChainLink[] = [];
    const application = client && applicationOf(client.application, input.applications, true);
    if (application) links.push(application);
    if (pool) links.push({ kind: 'pooler', pool, database });
    if (client) links.push({ kind: 'client', socket: client });
    links.push({ kind: 'server', socket: server });
    const backend = backendOf(server, database, backends);
    if (backend) return [toTheRoot(links, backend, input, pooler)];
    links.push({ kind: 'lost', pid: server.remotePid });
    return [{ links, reason: 'unknown' as const, ageS: null, frees: 0 }];
  });
}

function direct(input: ChainInput): Traced[] {
  return input.backends.flatMap((backend) => {
    const application = applicationOf(backend.application, input.applications, false);
    return application ? [toTheRoot([application], backend, input, null)] : [];
  });
}

/** The pool whose connections bear this `application_name`; without a match the only one there is. */
function applicationOf(
  name: string | null,
  all: readonly ChainApplication[],
  behindPooler: boolean,
): ChainLink | undefined {
  const here = all.filter(({ endpoint }) => endpoint.behindPooler === behindPooler);
  for (const { endpoint, pools } of here) {
    for (const pool of pools) {
      if (name !== null && [pool.name, endpoint.name].some((one) => one.toLowerCase() === name.toLowerCase())) {
        return { kind: 'application', endpoint, pool };
      }
    }
  }
  const [only] = here;
  const pool = only?.pools[0];
  // Behind a pooler the name is often the driver's; connections of the server itself may be anybody's.
  if (!behindPooler || here.length !== 1 || only?.pools.length !== 1 || !pool) return undefined;
  return { kind: 'application', endpoint: only.endpoint, pool };
}

function toTheRoot(
  before: readonly ChainLink[],
  backend: Backend,
  { locks }: ChainInput,
  pooler: PoolerState | null,
): Traced {
  const links: ChainLink[] = [...before, { kind: 'backend', backend }];
  const waiter = locks?.sessions.get(backend.pid);
  if (locks && waiter?.waits === true && waiter.blockedBy.length > 0) {
    let last = waiter;
    for (const session of blockersOf(waiter, locks)) {
      links.push({ kind: 'blocker', session, holder: holderOf(session.pid, pooler) });
      last = session;
    }
    return { links, reason: 'blocked', ageS: waiter.waitingS ?? backend.queryAgeS, frees: last.holdsUp };
  }
  const frees = waiter?.holdsUp ?? 0;
  if (backend.state === null) return { links, reason: 'unknown', ageS: null, frees };
  if (backend.state.startsWith('idle in transaction')) {
    return { links, reason: 'idle in transaction', ageS: backend.stateAgeS, frees };
  }
  const running = backend.state === 'active';
  return { links, reason: running ? 'running' : 'idle', ageS: running ? backend.queryAgeS : backend.stateAgeS, frees };
}

/** From the direct blocker to the root: at each step the one that holds up most. A deadlock's cycle ends the walk. */
function blockersOf(waiter: LockSession, { sessions }: LockState): readonly LockSession[] {
  const path: LockSession[] = [];
  const seen = new Set([waiter.pid]);
  let at = waiter;
  for (;;) {
    const [next] = at.blockedBy
      .map((pid) => sessions.get(pid))
      .filter((session) => session !== undefined && !seen.has(session.pid))
      .sort((a, b) => (b?.holdsUp ?? 0) - (a?.holdsUp ?? 0) || (a?.pid ?? 0) - (b?.pid ?? 0));
    if (!next) return path;
    seen.add(next.pid);
    path.push(next);
    at = next;
  }
}

function holderOf(pid: number, pooler: PoolerState | null): PoolerSocket | undefined {
  const link = pid === 0 ? undefined : pooler?.servers.find((server) => server.remotePid === pid)?.link;
  return link === undefined || link === null ? undefined : pooler?.clients.find((client) => client.pointer === link);
}
