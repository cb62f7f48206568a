import type { SessionsState } from '../health/sessions';
import type { Reading } from '../health/status';
import type { Finding, NumericSignal, SignalOutcome } from '../health/signal';
import type { ApplicationEndpoint } from '../pool/application-endpoint';
import { ApplicationWatch, type PoolSource } from '../pool/application-watch';
import { poolerThresholds, poolThresholds } from '../pool/source-limits';
import type { Limits } from '../health/check-run';
import { termsOf, type KnownPools } from '../pool/known-pools';
import { hikariAbout, sizingAbout, sizingFinding, sourceOutcome } from '../pool/pool-findings';
import { sizingOf } from '../pool/sizing';
import { backendsStatement } from '../pooler/backend';
import { traceChain, type ChainPath } from '../pooler/chain';
import { pgbouncerAbout } from '../pooler/pooler-findings';
import { PoolerWatch } from '../pooler/pooler-watch';
import type { ConnectionProfile } from '../connection/profile';
import type { Clock } from '../ports/clock';
import type { Disposable } from '../ports/disposable';
import type { PoolerConsoleOpener } from '../ports/pooler-console';
import type { Session } from '../ports/session';
import type { ServerSnapshot } from './snapshot';

/** Whose pools lead to a connection, and by which poolers. */
export interface SourcesOfConnection {
  readonly connectionId: string;
  readonly applications: readonly ApplicationEndpoint[];
  /** A console each; its profile names host, port and user of the pooler. */
  readonly poolers: readonly ConnectionProfile[];
}

export interface ConnectionSourcesContext {
  readonly clock: Clock;
  readonly pools: PoolSource;
  readonly consoles: PoolerConsoleOpener;
  readonly intervalMs: () => number;
  readonly mayPoll: () => boolean;
  readonly limits: (connectionId: string) => Limits;
  readonly snapshot: (connectionId: string) => ServerSnapshot;
  readonly session: (connectionId: string, signal: AbortSignal) => Promise<Session>;
  readonly changed: () => void;
}

/** More paths than this tell nothing new. */
const mostPaths = 20;

/** The applications and poolers before one server, and the chain from them to what blocks. */
export class ConnectionSources implements Disposable {
  private readonly applications: readonly ApplicationWatch[];
  private readonly poolers: readonly PoolerWatch[];
  private readonly life = new AbortController();
  private paths: readonly ChainPath[] = [];
  private tracing = false;

  constructor(
    readonly sources: SourcesOfConnection,
    private readonly context: ConnectionSourcesContext,
  ) {
    const { clock, pools, consoles } = context;
    const { connectionId: id } = sources;
    const common = {
      clock,
      intervalMs: () => context.intervalMs(),
      mayPoll: () => context.mayPoll(),
      changed: () => this.changed(),
    };
    this.applications = sources.applications.map(
      (endpoint) =>
        new ApplicationWatch(endpoint, {
          ...common,
          source: pools,
          thresholds: () => poolThresholds(context.limits(id)),
        }),
    );
    this.poolers = sources.poolers.map(
      (profile) =>
        new PoolerWatch(profile, {
          ...common,
          opener: consoles,
          thresholds: () => poolerThresholds(context.limits(id)),
        }),
    );
  }

  /** @param sessions what the server itself says of its sessions */
  outcomes(sessions: Reading<SessionsState>): readonly SignalOutcome[] {
    const found: SignalOutcome[] = [];
    const { applications, poolers } = this;
    if (applications.length > 0) {
      const asked = applications.map(({ endpoint }) => `GET ${endpoint.url}`).join('\n');
      found.push(
        sourceOutcome(
          hikariAbout,
          applications.flatMap((one) => one.findings()),
          latest(applications),
          asked,
        ),
      );
      const sizing = this.sizing(sessions);
      if (sizing) found.push(sourceOutcome(sizingAbout, [sizing], latest(applications), asked));
    }
    if (poolers.length > 0) {
      const asked = 'SHOW POOLS; SHOW DATABASES; SHOW STATS; SHOW CLIENTS; SHOW SERVERS; SHOW CONFIG';
      found.push(
        sourceOutcome(
          pgbouncerAbout,
          poolers.flatMap((one) => one.findings()),
          latest(poolers),
          asked,
        ),
      );
    }
    return found;
  }

  /** What history keeps beside the findings. */
  numbers(): readonly NumericSignal[] {
    return [...this.applications, ...this.poolers].flatMap((one) => one.numbers());
  }

  /** @param used sessions of the server now */
  pools(used: number | null): KnownPools {
    return {
      pools: this.applications.flatMap((one) => one.knownPools()),
      poolers: this.poolers.flatMap((one) => one.sizingTerms()),
      others: this.othersOf(used),
    };
  }

  chain(): readonly ChainPath[] {
    return this.paths;
  }

  dispose(): void {
    this.life.abort();
    for (const one of [...this.applications, ...this.poolers]) one.dispose();
  }

  private changed(): void {
    this.context.changed();
    void this.trace();
  }

  private sizing(sessions: Reading<SessionsState>): Finding | undefined {
    const server = sessions.kind === 'value' && !sessions.stale ? sessions.value : undefined;
    const known = this.applications.filter((one) => one.lastAt !== undefined);
    if (known.length === 0) return undefined;
    const pools = this.pools(server?.used ?? null);
    return sizingFinding(sizingOf(termsOf(pools), server?.usable ?? null, pools.others));
  }

  /** Sessions that belong to none of the pools; null where the pools' own are not all seen. */
  private othersOf(used: number | null): number | null {
    if (used === null || this.poolers.length > 0) return null;
    let ours = 0;
    for (const one of this.applications) {
      const pools = one.currentPools();
      if (one.endpoint.instances !== 1 || pools.length === 0) return null;
      for (const { total } of pools) {
        if (total === null) return null;
        ours += total;
      }
    }
    return Math.max(0, used - ours);
  }

  /** Follows the chain while somebody waits; one short statement on the server's own session. */
  private async trace(): Promise<void> {
    if (this.tracing || this.life.signal.aborted) return;
    const { connectionId } = this.sources;
    const snapshot = this.context.snapshot(connectionId);
    const current = snapshot.watched && !['unreachable', 'connecting', 'unknown'].includes(snapshot.status);
    if (!this.someoneWaits() || !current) {
      if (this.paths.length === 0) return;
      this.paths = [];
      this.context.changed();
      return;
    }
    this.tracing = true;
    try {
      const session = await this.context.session(connectionId, this.life.signal);
      const backends = await session.read(backendsStatement, this.life.signal);
      const locks = this.context.snapshot(connectionId).locks.reading;
      const applications = this.applications.map((one) => ({ endpoint: one.endpoint, pools: one.currentPools() }));
      const pooler = this.poolers.map((one) => one.state()).find((state) => state !== null) ?? null;
      const input = {
        applications,
        pooler,
        backends,
        locks: locks.kind === 'value' && !locks.stale ? locks.value : null,
      };
      this.paths = traceChain(input).slice(0, mostPaths);
    } catch {
      // The server's own signals say why it could not be asked.
      this.paths = [];
    } finally {
      this.tracing = false;
    }
    this.context.changed();
  }

  private someoneWaits(): boolean {
    return (
      this.applications.some((one) => one.currentPools().some(({ pending }) => (pending ?? 0) > 0)) ||
      this.poolers.some((one) => (one.state()?.pools ?? []).some(({ clientsWaiting }) => (clientsWaiting ?? 0) > 0))
    );
  }
}

function latest(watches: readonly { readonly lastAt: number | undefined }[]): number | null {
  const times = watches.map(({ lastAt }) => lastAt).filter((at) => at !== undefined);
  return times.length === 0 ? null : Math.max(...times);
}
