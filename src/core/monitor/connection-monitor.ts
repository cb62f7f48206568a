import type { NumericSignal } from '../health/signal';
import type { Thresholds } from '../health/thresholds';
import type { KnownPools } from '../pool/known-pools';
import type { Clock } from '../ports/clock';
import type { Connections, ProfileStore, SessionOpener } from '../ports/connections';
import { DatabaseError } from '../ports/database-error';
import type { Disposable } from '../ports/disposable';
import { Emitter } from '../ports/emitter';
import type { Log } from '../ports/log';
import type { Session } from '../ports/session';
import type { MonitorSettings } from './monitor-settings';
import type { MonitorView, ServerSnapshot } from './snapshot';
import { abortable } from './abortable';
import type { AttachedSignals } from './attached-signals';
import { notWatched } from './build-snapshot';
import { GatedOpener } from './gated-opener';
import { Watch } from './watch';
import { whatIsSeen } from './what-is-seen';

/** Watches all connections, each for itself: a server that hangs delays nobody else. */
export class ConnectionMonitor implements MonitorView, Connections, Disposable {
  private readonly changes = new Emitter<string>();
  readonly onDidChange = this.changes.event;
  private readonly reads = new Emitter<string>();
  /** Fires with the connection's id whenever something was read or its state changed, seen or not. */
  readonly onDidRead = this.reads.event;
  private attached: readonly AttachedSignals[] = [];
  private readonly watches = new Map<string, Watch>();
  private readonly shown = new Map<string, string>();
  private readonly dedicatedSessions = new Map<Session, string>();
  private readonly closing = new AbortController();
  private readonly opener: SessionOpener;
  private readonly subscriptions: readonly Disposable[];
  private visible = false;

  constructor(
    readonly profiles: ProfileStore,
    opener: SessionOpener,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly settings: MonitorSettings,
  ) {
    this.opener = new GatedOpener(opener, clock);
    this.subscriptions = [
      profiles.onDidChange(() => this.followProfiles()),
      settings.onDidChange(() => this.resume()),
      settings.onDidChangeThresholds(() => {
        for (const watch of this.watches.values()) watch.regrade();
      }),
    ];
  }

  /** What the signals of `source` say belongs to the snapshots from now on. */
  attach(source: AttachedSignals): Disposable {
    this.attached = [...this.attached, source];
    const subscription = source.onDidChange((id) => this.announce(id));
    return {
      dispose: () => {
        subscription.dispose();
        this.attached = this.attached.filter((one) => one !== source);
      },
    };
  }

  attachedNumbers(connectionId: string): readonly NumericSignal[] {
    return this.attached.flatMap((source) => source.numbers(connectionId));
  }

  /** The pools of the applications before a server; undefined where none is attached. */
  attachedPools(connectionId: string, used: number | null): KnownPools | undefined {
    return this.attached.map((source) => source.pools?.(connectionId, used)).find((pools) => pools !== undefined);
  }

  /** What this connection's numbers are compared with. */
  thresholds(connectionId: string): Thresholds {
    return this.settings.thresholds(connectionId);
  }

  /** Whether polls run: a view shows them, or monitoring in the background is on. */
  get polls(): boolean {
    return this.mayPoll();
  }

  /** Also for a connection that was removed a moment ago. */
  snapshot(connectionId: string): ServerSnapshot {
    if (!this.watches.has(connectionId) && !this.profiles.find(connectionId)) return notWatched(connectionId);
    return this.watch(connectionId).snapshot();
  }

  async connect(connectionId: string): Promise<void> {
    await this.watch(connectionId).start();
  }

  async disconnect(connectionId: string): Promise<void> {
    await Promise.all([this.watch(connectionId).stop(true), this.closeDedicated(connectionId)]);
  }

  /** Closes the session and opens another, for a changed password or target. */
  async reconnect(connectionId: string): Promise<void> {
    await this.watch(connectionId).restart();
  }

  async refresh(connectionId?: string): Promise<void> {
    const watches = connectionId === undefined ? [...this.watches.values()] : [this.watch(connectionId)];
    await Promise.all(watches.map((watch) => watch.refresh()));
  }

  setVisible(visible: boolean): void {
    if (this.visible === visible) return;
    this.visible = visible;
    this.resume();
  }

  async session(connectionId: string, signal?: AbortSignal): Promise<Session> {
    return this.watch(connectionId).warmSession(signal);
  }

  async dedicated(connectionId: string, signal?: AbortSignal): Promise<Session> {
    const given = [this.closing.signal, ...(signal ? [signal] : [])];
    const session = await this.opener.open(this.watch(connectionId).profile, AbortSignal.any(given));
    for (const known of this.dedicatedSessions.keys()) if (!known.alive) this.dedicatedSessions.delete(known);
    this.dedicatedSessions.set(session, connectionId);
    return session;
  }

  /** Closes every session; resolves when they are closed, or when the time for it is over. */
  async close(): Promise<void> {
    this.closing.abort();
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changes.dispose();
    this.reads.dispose();
    const all = [...[...this.watches.values()].map((watch) => watch.stop(false)), this.closeDedicated()];
    const limit = new AbortController();
    const timer = this.clock.after(closeMs, () => limit.abort());
    await abortable(Promise.all(all), limit.signal).catch(() => undefined);
    timer.dispose();
  }

  dispose(): void {
    void this.close();
  }

  private watch(connectionId: string): Watch {
    const known = this.watches.get(connectionId);
    if (known) return known;
    const profile = this.profiles.find(connectionId);
    if (!profile)
      throw new DatabaseError('bad-connection-string', 'This connection was removed.', 'Choose another one.');
    const watch: Watch = new Watch(profile, {
      opener: this.opener,
      clock: this.clock,
      log: this.log,
      settings: this.settings,
      mayPoll: () => this.mayPoll(),
      changed: () => this.announce(connectionId),
      attached: () => this.attached,
    });
    this.watches.set(connectionId, watch);
    return watch;
  }

  private mayPoll(): boolean {
    return this.visible || this.settings.inBackground;
  }

  /** A view came into sight or a setting changed: what is watched is read at once. */
  private resume(): void {
    if (!this.mayPoll()) return;
    for (const watch of this.watches.values()) watch.resume();
  }

  private followProfiles(): void {
    for (const [id, watch] of this.watches) {
      const profile = this.profiles.find(id);
      if (!profile) {
        this.watches.delete(id);
        this.shown.delete(id);
        void watch.stop(false);
        void this.closeDedicated(id);
      } else if (JSON.stringify(profile.target) !== JSON.stringify(watch.profile.target)) {
        watch.profile = profile;
        void this.closeDedicated(id);
        if (watch.wanted) void this.reconnect(id);
      } else {
        watch.profile = profile;
      }
    }
  }

  /** Of one connection, or of all. */
  private async closeDedicated(connectionId?: string): Promise<void> {
    const all = [...this.dedicatedSessions].filter(([, id]) => connectionId === undefined || id === connectionId);
    for (const [session] of all) this.dedicatedSessions.delete(session);
    await Promise.all(all.map(([session]) => session.close()));
  }

  /** Fires only when a person would see a difference. */
  private announce(connectionId: string): void {
    const watch = this.watches.get(connectionId);
    if (!watch) return;
    this.reads.fire(connectionId);
    const seen = whatIsSeen(watch.snapshot());
    if (this.shown.get(connectionId) === seen) return;
    this.shown.set(connectionId, seen);
    this.changes.fire(connectionId);
  }
}

/** How long closing may take, in ms. */
const closeMs = 3000;
