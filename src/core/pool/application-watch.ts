import type { Finding, NumericSignal } from '../health/signal';
import { SourceWatch } from '../monitor/source-watch';
import type { Clock } from '../ports/clock';
import type { Disposable } from '../ports/disposable';
import type { ApplicationEndpoint } from './application-endpoint';
import { evaluateHealth, type ApplicationHealth } from './application-health';
import type { ApplicationPool, PoolReport } from './application-pool';
import type { KnownPool } from './known-pools';
import { asFinding, poolFinding, poolNumbers, unreadable } from './pool-findings';
import { PoolHistory } from './pool-history';
import type { PoolThresholds } from './pool-evaluation';

/** Reads what an application says; rejects with a SourceError. */
export interface PoolSource {
  read(endpoint: ApplicationEndpoint, signal: AbortSignal): Promise<PoolReport>;
  /** Never rejects but with an AbortError. */
  health(endpoint: ApplicationEndpoint, signal: AbortSignal): Promise<ApplicationHealth>;
}

export interface ApplicationWatchOptions {
  readonly clock: Clock;
  readonly source: PoolSource;
  readonly intervalMs: () => number;
  readonly mayPoll: () => boolean;
  readonly thresholds: () => PoolThresholds;
  readonly changed: () => void;
}

/** A health check borrows a connection itself: it is asked for rarely. In ms. */
const healthIntervalMs = 30_000;

/** Watches one application: its pools, and apart from them its health, which is slow when it matters. */
export class ApplicationWatch implements Disposable {
  private readonly histories = new Map<string, PoolHistory>();
  private readonly pools: SourceWatch<PoolReport>;
  private readonly health: SourceWatch<ApplicationHealth>;

  constructor(
    readonly endpoint: ApplicationEndpoint,
    private readonly options: ApplicationWatchOptions,
  ) {
    const { clock, source, changed } = options;
    const mayPoll = (): boolean => options.mayPoll();
    this.pools = new SourceWatch<PoolReport>({
      ...{ clock, mayPoll, changed },
      intervalMs: () => options.intervalMs(),
      read: async (signal) => this.remember(await source.read(endpoint, signal)),
    });
    this.health = new SourceWatch<ApplicationHealth>({
      ...{ clock, mayPoll, changed },
      intervalMs: () => Math.max(healthIntervalMs, options.intervalMs()),
      read: (signal) => source.health(endpoint, signal),
    });
  }

  get lastAt(): number | undefined {
    return this.pools.lastAt;
  }

  /** What is current; none when it could not be read. */
  currentPools(): readonly ApplicationPool[] {
    const reading = this.pools.current();
    return reading.kind === 'value' && !reading.stale ? reading.value.pools : [];
  }

  /** Its pools with their last minutes; one without a pool where it could not be read. */
  knownPools(): readonly KnownPool[] {
    const application = this.endpoint;
    const pools = this.currentPools();
    if (pools.length === 0)
      return [{ application, pool: undefined, past: { recentTimeouts: null, leak: { kind: 'unknown' } } }];
    return pools.map((pool) => ({ application, pool, past: this.pastOf(pool) }));
  }

  findings(): readonly Finding[] {
    const { name } = this.endpoint;
    const reading = this.pools.current();
    const found: Finding[] = [];
    if (reading.kind === 'value' && reading.stale)
      found.push(unreadable('hikari.read', name, 'The last reading is older than it should be.'));
    else if (reading.kind === 'value') {
      for (const pool of reading.value.pools) {
        found.push(poolFinding(this.endpoint, pool, this.pastOf(pool), this.options.thresholds()));
      }
      for (const problem of reading.value.problems) found.push(unreadable('hikari.value', name, problem));
    } else if (reading.kind !== 'pending') found.push(unreadable('hikari.read', name, reading.message));
    const health = this.health.current();
    if (health.kind === 'value' && !health.stale && health.value.kind !== 'not-exposed') {
      found.push(asFinding('hikari.health', name, evaluateHealth(health.value)));
    }
    return found;
  }

  numbers(): readonly NumericSignal[] {
    return this.currentPools().flatMap((pool) => poolNumbers(this.endpoint, pool));
  }

  dispose(): void {
    this.pools.dispose();
    this.health.dispose();
  }

  private remember(report: PoolReport): PoolReport {
    const names = new Set(report.pools.map(({ name }) => name));
    for (const name of this.histories.keys()) if (!names.has(name)) this.histories.delete(name);
    for (const pool of report.pools) {
      const history = this.histories.get(pool.name) ?? new PoolHistory();
      this.histories.set(pool.name, history);
      history.add(pool, this.options.clock.now());
    }
    return report;
  }

  private pastOf({ name }: ApplicationPool): {
    recentTimeouts: number | null;
    leak: PoolHistory['leak'];
    restarted: number | undefined;
  } {
    const history = this.histories.get(name) ?? new PoolHistory();
    return { recentTimeouts: history.recentTimeouts, leak: history.leak, restarted: history.restarted };
  }
}
