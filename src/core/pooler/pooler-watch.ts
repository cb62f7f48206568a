import type { ConnectionProfile } from '../connection/profile';
import type { Reading } from '../health/status';
import type { Finding, NumericSignal } from '../health/signal';
import { SourceWatch } from '../monitor/source-watch';
import { unreadable } from '../pool/pool-findings';
import type { SizingTerm } from '../pool/sizing';
import type { Clock } from '../ports/clock';
import type { Disposable } from '../ports/disposable';
import { DatabaseError } from '../ports/database-error';
import type { PoolerConsole, PoolerConsoleOpener } from '../ports/pooler-console';
import { evaluatePooler, type PoolerThresholds } from './pooler-evaluation';
import { poolerFinding, poolerNumbers, withoutPools } from './pooler-findings';
import type { PoolerState } from './pooler-state';
import { readPooler } from './read-pooler';

export interface PoolerWatchOptions {
  readonly clock: Clock;
  readonly opener: PoolerConsoleOpener;
  readonly intervalMs: () => number;
  readonly mayPoll: () => boolean;
  readonly thresholds: () => PoolerThresholds;
  readonly changed: () => void;
}

/** Watches one PgBouncer over one console, which is opened again when it is lost. */
export class PoolerWatch implements Disposable {
  private pooler: PoolerConsole | undefined;
  private readonly watch: SourceWatch<PoolerState>;
  /** Nothing listens where it should be: not only we are without it, its applications are too. */
  private down = false;

  constructor(
    readonly profile: ConnectionProfile,
    private readonly options: PoolerWatchOptions,
  ) {
    const { clock, changed } = options;
    this.watch = new SourceWatch<PoolerState>({
      ...{ clock, changed },
      intervalMs: () => options.intervalMs(),
      mayPoll: () => options.mayPoll(),
      read: (signal) => this.read(signal),
    });
  }

  get lastAt(): number | undefined {
    return this.watch.lastAt;
  }

  /** Null when it is not current. */
  state(): PoolerState | null {
    const reading = this.reading();
    return reading.kind === 'value' && !reading.stale ? reading.value : null;
  }

  findings(): readonly Finding[] {
    const reading = this.reading();
    const { name } = this.profile;
    if (reading.kind === 'pending') return [];
    if (reading.kind !== 'value') {
      const found = unreadable('pgbouncer.read', name, reading.message, this.down ? 'critical' : 'unknown');
      return [this.down ? { ...found, words: `${name} is DOWN` } : found];
    }
    if (reading.stale) return [unreadable('pgbouncer.read', name, 'The last reading is older than it should be.')];
    const thresholds = this.options.thresholds();
    const items = evaluatePooler(reading.value, thresholds);
    return items.length === 0 ? [withoutPools(name)] : items.map((item) => poolerFinding(name, item, thresholds));
  }

  numbers(): readonly NumericSignal[] {
    const state = this.state();
    return state ? evaluatePooler(state).flatMap((item) => poolerNumbers(this.profile.name, item)) : [];
  }

  /** What the pooler itself may take of the server. */
  sizingTerms(): readonly SizingTerm[] {
    const state = this.state();
    return (state?.pools ?? []).map((pool) => ({
      name: `${this.profile.name} ${pool.database}/${pool.user}`,
      max: state?.databases.find(({ name }) => name === pool.database)?.poolSize ?? null,
      instances: 1,
      behindPooler: false,
    }));
  }

  dispose(): void {
    this.watch.dispose();
    void this.pooler?.close();
  }

  private reading(): Reading<PoolerState> {
    return this.watch.current();
  }

  private async read(signal: AbortSignal): Promise<PoolerState> {
    try {
      const state = await readPooler(await this.console(signal), signal);
      this.down = false;
      return state;
    } catch (error) {
      this.down = error instanceof DatabaseError && error.reason === 'connection-refused';
      throw error;
    }
  }

  private async console(signal: AbortSignal): Promise<PoolerConsole> {
    if (this.pooler?.alive) return this.pooler;
    const pooler = await this.options.opener.open(this.profile, signal);
    if (signal.aborted) await pooler.close();
    signal.throwIfAborted();
    this.pooler = pooler;
    return pooler;
  }
}
