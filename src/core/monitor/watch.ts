import type { ConnectionProfile } from '../connection/profile';
import type { Clock } from '../ports/clock';
import type { SessionOpener } from '../ports/connections';
import { DatabaseError, isAbort } from '../ports/database-error';
import type { Disposable } from '../ports/disposable';
import type { Log } from '../ports/log';
import type { Capabilities, Session } from '../ports/session';
import { buildSnapshot, staleAfter, type Phase } from './build-snapshot';
import type { MonitorSettings } from './monitor-settings';
import { Readings } from './readings';
import type { ServerSnapshot } from './snapshot';

/** What a watch is given. */
export interface WatchContext {
  readonly opener: SessionOpener;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: MonitorSettings;
  /** Polls may run: a view shows it, or monitoring in the background is on. */
  mayPoll(): boolean;
  changed(): void;
}

/** A delay grows to this many intervals while a server stays away. */
const slowestRetry = 6;

/** Watches one server over one warm session: opens it, polls it, notices its death and its return. */
export class Watch {
  private readings: Readings;
  private phase: Phase = { kind: 'off', byPerson: false };
  private life = new AbortController();
  private opening: Promise<Session> | undefined;
  private session: Session | undefined;
  private capabilities: Capabilities | undefined;
  private polling: Promise<void> | undefined;
  private nextPoll: Disposable | undefined;
  private staleTimer: Disposable | undefined;
  private failures = 0;

  constructor(
    public profile: ConnectionProfile,
    private readonly context: WatchContext,
  ) {
    this.readings = new Readings(context.clock);
  }

  /** The person or the view wants this server watched. */
  get wanted(): boolean {
    return this.phase.kind !== 'off';
  }

  snapshot(): ServerSnapshot {
    return buildSnapshot(
      this.profile.id,
      this.phase,
      this.readings,
      this.capabilities,
      this.context.settings,
      this.context.clock.now(),
    );
  }

  async start(): Promise<void> {
    if (!this.wanted) this.enter({ kind: 'connecting' });
    await this.poll(true);
  }

  /** Ends watching and closes the session, also one that is being opened. */
  async stop(byPerson: boolean): Promise<void> {
    this.life.abort();
    this.life = new AbortController();
    this.nextPoll?.dispose();
    this.staleTimer?.dispose();
    const session = this.session;
    this.session = undefined;
    this.opening = undefined;
    this.polling = undefined;
    this.capabilities = undefined;
    this.failures = 0;
    // New ones, so that a poll that is still on its way cannot write into them.
    this.readings = new Readings(this.context.clock);
    this.enter({ kind: 'off', byPerson });
    await session?.close();
  }

  /** Closes the session and opens another, unless the person decided otherwise in between. */
  async restart(): Promise<void> {
    const closing = this.stop(false);
    const { life } = this;
    await closing;
    if (this.life === life && !this.wanted) await this.start();
  }

  /** The warm session, opened when there is none. Asking for it starts the watch. */
  async warmSession(): Promise<Session> {
    if (!this.wanted) this.enter({ kind: 'connecting' });
    try {
      return await this.ensureSession();
    } catch (error) {
      if (!isAbort(error)) this.goUnreachable(error);
      throw error;
    }
  }

  /** Polls now; a poll that is on its way counts. */
  async poll(everything: boolean): Promise<void> {
    if (!this.wanted) return;
    if (this.polling) return this.polling;
    this.nextPoll?.dispose();
    const life = this.life.signal;
    const polling = this.pollOnce(everything, life).finally(() => {
      if (life.aborted) return;
      this.polling = undefined;
      this.schedule();
    });
    this.polling = polling;
    return polling;
  }

  private async pollOnce(everything: boolean, life: AbortSignal): Promise<void> {
    try {
      const session = await this.ensureSession();
      const { readings } = this;
      await readings.take(session, everything, life);
      if (life.aborted) return;
      this.failures = 0;
      this.enter({ kind: 'online' });
      this.watchForStaleness();
    } catch (error) {
      if (life.aborted || isAbort(error)) return;
      this.goUnreachable(error);
    }
  }

  private async ensureSession(): Promise<Session> {
    if (this.session?.alive) return this.session;
    this.opening ??= this.open(this.life.signal);
    return this.opening;
  }

  private async open(life: AbortSignal): Promise<Session> {
    try {
      const session = await this.context.opener.open(this.profile, life);
      if (life.aborted) {
        await session.close();
        throw new DOMException('The connection is no longer wanted.', 'AbortError');
      }
      // Another server may answer at the same address after a failover: positions of the old one mean nothing.
      if (this.capabilities && this.capabilities.startedAt !== session.capabilities.startedAt) this.readings.clear();
      this.session = session;
      this.capabilities = session.capabilities;
      session.onDidEnd(({ reason }) => this.sessionEnded(session, reason));
      this.context.log.info(`${this.profile.name}: connected to PostgreSQL ${session.capabilities.version}.`);
      return session;
    } finally {
      if (!life.aborted) this.opening = undefined;
    }
  }

  private sessionEnded(session: Session, reason: string): void {
    if (this.session !== session) return;
    this.session = undefined;
    this.goUnreachable(new DatabaseError('connection-lost', reason, 'It is opened again by itself.'));
    this.schedule();
  }

  private goUnreachable(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof DatabaseError ? error.remedy : undefined;
    if (this.phase.kind !== 'unreachable') this.context.log.warn(`${this.profile.name}: ${message}`);
    this.failures++;
    this.readings.lose(message);
    const reason = error instanceof DatabaseError ? error.reason : undefined;
    this.enter({ kind: 'unreachable', reason, message, remedy });
  }

  /** The next poll after one interval, later while the server stays away, with jitter so that many do not come at once. */
  private schedule(): void {
    this.nextPoll?.dispose();
    if (!this.wanted || !this.context.mayPoll()) return;
    const { clock, settings } = this.context;
    const factor = Math.min(slowestRetry, Math.max(1, this.failures - 2));
    const delay = settings.intervalMs * factor * (this.failures > 0 ? 0.9 + 0.1 * clock.random() : 1);
    this.nextPoll = clock.after(delay, () => void this.poll(false));
  }

  /** A reading becomes stale by the clock alone; whoever shows it is told then. */
  private watchForStaleness(): void {
    this.staleTimer?.dispose();
    this.staleTimer = this.context.clock.after(staleAfter(this.context.settings.intervalMs) + 50, () =>
      this.context.changed(),
    );
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.context.changed();
  }
}
