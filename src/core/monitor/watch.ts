import type { ConnectionProfile } from '../connection/profile';
import type { Clock } from '../ports/clock';
import type { SessionOpener } from '../ports/connections';
import { DatabaseError, isAbort } from '../ports/database-error';
import type { Disposable } from '../ports/disposable';
import type { Log } from '../ports/log';
import type { Capabilities, Session } from '../ports/session';
import { abortable } from './abortable';
import type { AttachedSignals } from './attached-signals';
import { buildSnapshot, staleAfter, type Phase } from './build-snapshot';
import type { MonitorSettings } from './monitor-settings';
import { Readings } from './readings';
import { mayRetry, retryDelay } from './retry-delay';
import type { ServerSnapshot } from './snapshot';
import type { Taker } from './taker';

/** What a watch is given. */
export interface WatchContext {
  readonly opener: SessionOpener;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: MonitorSettings;
  /** Polls may run: a view shows it, or monitoring in the background is on. */
  mayPoll(): boolean;
  changed(): void;
  attached(): readonly AttachedSignals[];
}

/** A session being opened. */
interface Attempt {
  readonly abort: AbortController;
  readonly since: number;
  readonly session: Promise<Session>;
}

/** A person who asks again gets a new attempt when the present one has hung for this long. In ms. */
const patienceMs = 1000;

/** The age of what a standby lacks shows in a second reading, which comes this soon after the first. In ms. */
const secondReadingMs = 1000;

/** Watches one server over one warm session: opens it, polls it, notices its death and its return. */
export class Watch {
  private readings = new Readings();
  /** Fills the readings; made with the first poll of a life. */
  private taker: Taker | undefined;
  private phase: Phase = { kind: 'off', byPerson: false };
  /** Everything that is on its way belongs to a life; `stop` ends it. */
  private life = new AbortController();
  private attempt: Attempt | undefined;
  private session: Session | undefined;
  private capabilities: Capabilities | undefined;
  private polling: Promise<void> | undefined;
  private pollingAgain: Promise<void> | undefined;
  /** The round of checks that is on its way. */
  private checking: Promise<void> | undefined;
  private nextPoll: Disposable | undefined;
  private staleTimer: Disposable | undefined;
  private failures = 0;
  /** Polls that succeeded on the present session. */
  private polls = 0;

  constructor(
    public profile: ConnectionProfile,
    private readonly context: WatchContext,
  ) {}

  /** The person or the view wants this server watched. */
  get wanted(): boolean {
    return this.phase.kind !== 'off';
  }

  snapshot(): ServerSnapshot {
    const { profile, phase, readings, capabilities, context } = this;
    const { settings, clock } = context;
    return buildSnapshot(profile.id, phase, readings, capabilities, settings, clock.now(), context.attached());
  }

  async start(): Promise<void> {
    if (!this.wanted) this.enter({ kind: 'connecting' });
    await this.refresh();
  }

  /** Ends watching and closes the session, also one that is being opened. */
  async stop(byPerson: boolean): Promise<void> {
    this.life.abort();
    this.life = new AbortController();
    this.nextPoll?.dispose();
    this.staleTimer?.dispose();
    const { session, attempt } = this;
    attempt?.abort.abort();
    this.session = undefined;
    this.attempt = undefined;
    this.polling = undefined;
    this.pollingAgain = undefined;
    this.capabilities = undefined;
    this.failures = 0;
    // New ones, so that a poll that is still on its way cannot write into them.
    this.readings = new Readings();
    this.taker = undefined;
    this.checking = undefined;
    this.enter({ kind: 'off', byPerson });
    await Promise.allSettled([session?.close(), attempt?.session]);
  }

  /** Closes the session and opens another, unless the person decided otherwise in between. */
  async restart(): Promise<void> {
    const closing = this.stop(false);
    const { life } = this;
    await closing;
    if (this.life === life && !this.wanted) await this.start();
  }

  /** The warm session, opened when there is none. Asking for it starts the watch. */
  async warmSession(signal?: AbortSignal): Promise<Session> {
    signal?.throwIfAborted();
    if (!this.wanted) {
      this.enter({ kind: 'connecting' });
      void this.poll(true);
    }
    const { life } = this;
    for (;;) {
      try {
        return await abortable(this.ensureSession(), signal);
      } catch (error) {
        // Another attempt has replaced the one that was waited for.
        if (isAbort(error) && signal?.aborted !== true && this.life === life && this.wanted) continue;
        throw error;
      }
    }
  }

  /** Polls now, all tiers. What is on its way may have been read before what the person wants to see: it runs again. */
  async refresh(): Promise<void> {
    if (!this.polling) return this.poll(true);
    const { attempt, life } = this;
    if (attempt && this.context.clock.now() - attempt.since >= patienceMs) attempt.abort.abort();
    this.pollingAgain ??= this.polling.then(async () => {
      if (this.life !== life) return;
      this.pollingAgain = undefined;
      await this.poll(true);
    });
    return this.pollingAgain;
  }

  /** Polls as soon as it may: a view came into sight, or the settings changed. */
  resume(): void {
    if (this.phase.kind === 'unreachable' && !mayRetry(this.phase.reason)) return;
    void this.poll(false);
  }

  /** Thresholds were changed: the checks grade anew with the next polls, what is polled at once. */
  regrade(): void {
    this.taker?.regrade();
    this.context.changed();
    this.resume();
  }

  private async poll(everything: boolean): Promise<void> {
    if (!this.wanted) return;
    if (this.polling) return this.polling;
    this.nextPoll?.dispose();
    const { life } = this;
    const polling = this.pollOnce(everything, life).finally(() => {
      if (this.life !== life) return;
      this.polling = undefined;
      this.schedule();
    });
    this.polling = polling;
    return polling;
  }

  private async pollOnce(everything: boolean, life: AbortController): Promise<void> {
    let session: Session;
    try {
      session = await this.ensureSession();
    } catch {
      // The attempt itself has told why.
      return;
    }
    try {
      const taker = await this.takerOf(life);
      await taker.takeActivity(session, life.signal);
      if (this.life !== life) return;
      this.failures = 0;
      this.polls++;
      this.enter({ kind: 'online' });
      this.watchForStaleness();
      const sized = await taker.takeSizes(session, everything, life.signal);
      if (this.life !== life) return;
      if (sized) this.context.changed();
      // Checks take their turns between polls, which wait for one statement of theirs at most.
      const checked = this.check(taker, session, everything, life);
      if (everything && this.polls > 1) await checked;
      this.followRole(session);
    } catch (error) {
      if (this.life === life && !isAbort(error)) this.lose(session, error);
    }
  }

  /** Runs the checks that are due, unless a round is on its way; never rejects. */
  private async check(taker: Taker, session: Session, everything: boolean, life: AbortController): Promise<void> {
    if (this.checking && everything) await this.checking;
    if (this.life !== life || this.session !== session) return;
    this.checking ??= taker
      .takeSignals(session, everything, life.signal)
      .then((told) => {
        if (told && this.life === life) this.context.changed();
      })
      .catch((error: unknown) => {
        if (this.life === life && !isAbort(error)) this.lose(session, error);
      })
      .finally(() => {
        if (this.life === life) this.checking = undefined;
      });
    await this.checking;
  }

  /** How readings are taken is loaded when the first server is. */
  private async takerOf(life: AbortController): Promise<Taker> {
    const { Taker } = await import('./taker');
    life.signal.throwIfAborted();
    this.taker ??= new Taker(this.readings, this.context.clock, (signal, standard) =>
      this.context.settings.limits(this.profile.id)(signal, standard),
    );
    return this.taker;
  }

  private ensureSession(): Promise<Session> {
    if (this.session?.alive) return Promise.resolve(this.session);
    if (!this.attempt) {
      const abort = new AbortController();
      const attempt: Attempt = { abort, since: this.context.clock.now(), session: this.open(abort.signal) };
      this.attempt = attempt;
      const over = (): void => {
        if (this.attempt === attempt) this.attempt = undefined;
      };
      attempt.session.then(over, over);
    }
    return this.attempt.session;
  }

  private async open(signal: AbortSignal): Promise<Session> {
    let session: Session;
    try {
      session = await this.context.opener.open(this.profile, signal);
    } catch (error) {
      if (!signal.aborted && !isAbort(error)) this.goUnreachable(error);
      throw error;
    }
    if (signal.aborted) {
      await session.close();
      throw new DOMException('The connection is no longer wanted.', 'AbortError');
    }
    this.session = session;
    this.capabilities = session.capabilities;
    this.polls = 0;
    session.onDidEnd(({ reason }) =>
      this.lose(session, new DatabaseError('connection-lost', reason, 'It is opened again by itself.')),
    );
    this.context.log.info(`${this.profile.name}: connected to PostgreSQL ${session.capabilities.version}.`);
    return session;
  }

  /** A promotion leaves sessions alone, but not what was probed when they began: the next poll opens a new one. */
  private followRole(session: Session): void {
    const { inRecovery } = this.readings;
    if (inRecovery === undefined || inRecovery === session.capabilities.inRecovery) return;
    // Behind a pooler each statement may reach another server.
    if (session.capabilities.pooler || this.session !== session) return;
    this.context.log.info(`${this.profile.name}: is a ${inRecovery ? 'standby' : 'primary'} now.`);
    this.session = undefined;
    void session.close();
  }

  /** The session is gone; told once, by the end of the session or by a statement on it, whichever comes first. */
  private lose(session: Session, error: unknown): void {
    if (this.session !== session) return;
    this.session = undefined;
    void session.close();
    this.goUnreachable(error);
    if (!this.polling) this.schedule();
  }

  private goUnreachable(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const known = error instanceof DatabaseError ? error : undefined;
    if (this.phase.kind !== 'unreachable') this.context.log.warn(`${this.profile.name}: ${message}`);
    this.failures++;
    this.staleTimer?.dispose();
    this.readings.lose(message, this.context.clock.now());
    this.taker?.lose();
    this.enter({ kind: 'unreachable', reason: known?.reason, message, remedy: known?.remedy });
  }

  /** The next poll after one interval; while the server stays away as `retryDelay` says. */
  private schedule(): void {
    this.nextPoll?.dispose();
    if (!this.wanted || !this.context.mayPoll()) return;
    if (this.phase.kind === 'unreachable' && !mayRetry(this.phase.reason)) return;
    const { clock, settings } = this.context;
    const { intervalMs } = settings;
    const healthy = this.polls === 1 ? Math.min(secondReadingMs, intervalMs) : intervalMs;
    const delay = this.failures > 0 ? retryDelay(this.failures, intervalMs, clock.random()) : healthy;
    this.nextPoll = clock.after(delay, () => {
      if (this.context.mayPoll()) void this.poll(false);
    });
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
