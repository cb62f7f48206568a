import type { Clock } from '../ports/clock';
import type { Connections, ProfileStore, SessionOpener } from '../ports/connections';
import { DatabaseError } from '../ports/database-error';
import type { Disposable } from '../ports/disposable';
import { Emitter } from '../ports/emitter';
import type { Log } from '../ports/log';
import type { Session } from '../ports/session';
import type { MonitorSettings } from './monitor-settings';
import type { MonitorView, ServerSnapshot } from './snapshot';
import { Watch } from './watch';

/** Watches all connections, each for itself: a server that hangs delays nobody else. */
export class ConnectionMonitor implements MonitorView, Connections, Disposable {
  private readonly changes = new Emitter<string>();
  readonly onDidChange = this.changes.event;
  private readonly watches = new Map<string, Watch>();
  private readonly shown = new Map<string, string>();
  private readonly dedicatedSessions = new Set<Session>();
  private readonly subscriptions: readonly Disposable[];
  private visible = false;

  constructor(
    readonly profiles: ProfileStore,
    private readonly opener: SessionOpener,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly settings: MonitorSettings,
  ) {
    this.subscriptions = [profiles.onDidChange(() => this.followProfiles()), settings.onDidChange(() => this.resume())];
  }

  snapshot(connectionId: string): ServerSnapshot {
    return this.watch(connectionId).snapshot();
  }

  async connect(connectionId: string): Promise<void> {
    await this.watch(connectionId).start();
  }

  async disconnect(connectionId: string): Promise<void> {
    await this.watch(connectionId).stop(true);
  }

  /** Closes the session and opens another, for a changed password or target. */
  async reconnect(connectionId: string): Promise<void> {
    await this.watch(connectionId).restart();
  }

  async refresh(connectionId?: string): Promise<void> {
    const watches = connectionId === undefined ? [...this.watches.values()] : [this.watch(connectionId)];
    await Promise.all(watches.map((watch) => watch.poll(true)));
  }

  setVisible(visible: boolean): void {
    if (this.visible === visible) return;
    this.visible = visible;
    this.resume();
  }

  async session(connectionId: string): Promise<Session> {
    return this.watch(connectionId).warmSession();
  }

  async dedicated(connectionId: string, signal: AbortSignal = new AbortController().signal): Promise<Session> {
    const session = await this.opener.open(this.watch(connectionId).profile, signal);
    this.dedicatedSessions.add(session);
    session.onDidEnd(() => this.dedicatedSessions.delete(session));
    return session;
  }

  /** Closes every session; resolves when they are closed or given up. */
  async close(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changes.dispose();
    await Promise.all([
      ...[...this.watches.values()].map((watch) => watch.stop(false)),
      ...[...this.dedicatedSessions].map((session) => session.close()),
    ]);
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
    for (const watch of this.watches.values()) void watch.poll(false);
  }

  private followProfiles(): void {
    for (const [id, watch] of this.watches) {
      const profile = this.profiles.find(id);
      if (!profile) {
        this.watches.delete(id);
        this.shown.delete(id);
        void watch.stop(false);
      } else if (JSON.stringify(profile.target) !== JSON.stringify(watch.profile.target)) {
        watch.profile = profile;
        if (watch.wanted) void this.reconnect(id);
      } else {
        watch.profile = profile;
      }
    }
  }

  /** Fires only when a person would see a difference. The round trip is seen rounded to the millisecond. */
  private announce(connectionId: string): void {
    const watch = this.watches.get(connectionId);
    if (!watch) return;
    const shown = JSON.stringify(watch.snapshot(), (key, value: unknown) =>
      agesWithin.has(key) ? undefined : value instanceof Map ? [...(value as Map<unknown, unknown>).values()] : value,
    );
    if (this.shown.get(connectionId) === shown) return;
    this.shown.set(connectionId, shown);
    this.changes.fire(connectionId);
  }
}

/** Values that grow by themselves; the summaries and lines made of them are compared instead. */
const agesWithin = new Set([
  'at',
  'lastSeen',
  'transactionAgeS',
  'queryAgeS',
  'stateAgeS',
  'waitingS',
  'replyAgeS',
  'oldestTransactionS',
  'oldestIdleInTransactionS',
]);
