import * as vscode from 'vscode';
import type { SessionsState } from '../../core/health/sessions';
import type { Reading } from '../../core/health/status';
import type { NumericSignal, SignalOutcome } from '../../core/health/signal';
import type { AttachedSignals } from '../../core/monitor/attached-signals';
import type { ShownSignal } from '../../core/monitor/snapshot';
import { readDisks } from '../../core/health/disk-settings';
import type { ConnectionMonitor } from '../../core/monitor/connection-monitor';
import { DiskSignals, type DiskContext } from '../../core/monitor/disk-signals';
import { ConnectionSources, type ConnectionSourcesContext } from '../../core/monitor/connection-sources';
import type { KnownPools } from '../../core/pool/known-pools';
import { readSources, type ReadSources } from '../../core/pool/source-settings';
import type { ChainPath } from '../../core/pooler/chain';
import { systemClock } from '../../core/ports/clock';
import { Emitter } from '../../core/ports/emitter';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import type { PasswordSource } from '../../core/ports/passwords';
import type { MonitorSettings } from '../../core/monitor/monitor-settings';
import { localSystem } from '../../postgres/local-system';
import { PgBouncerOpener } from '../../postgres/pgbouncer-console';
import { readHealth } from '../../sources/hikari/health-reader';
import { PoolReader } from '../../sources/hikari/pool-reader';
import { FetchReader } from '../../sources/http/fetch-reader';
import { settings } from '../../contributions';
import { ownSetting } from '../connections/own-setting';
import type { Fleet } from '../fleet/fleet';
import type { SourceSecrets } from './source-secrets';
import type { ReadSource } from './source-draft';
import type { SecretOwner } from './store-credentials';

/** Applications are asked no more often than this, in ms. */
const quickestMs = 5000;

/** What the settings name beside the servers: applications, poolers and disks, watched while their servers are. */
export class Sources implements AttachedSignals, vscode.Disposable {
  private readonly byConnection = new Map<string, ConnectionSources>();
  private readonly changes = new Emitter<string>();
  readonly onDidChange = this.changes.event;
  private readonly context: Omit<ConnectionSourcesContext, 'changed'>;
  private readonly told = new Set<string>();
  private readonly subscriptions: vscode.Disposable;
  private read: ReadSources = { sources: [], problems: [] };
  private capacities: ReadonlyMap<string, number> = new Map();
  private readonly disks: DiskSignals;

  constructor(
    private readonly monitor: ConnectionMonitor,
    secrets: SourceSecrets,
    passwords: PasswordSource,
    monitorSettings: MonitorSettings,
    private readonly prompts: Prompts,
    private readonly log: Log,
    private readonly fleet: Fleet,
    trend: DiskContext['trend'],
  ) {
    this.disks = new DiskSignals({
      clock: systemClock,
      capacity: (id) => this.capacities.get(id),
      reported: (id) => fleet.diskOf(id),
      trend,
      limits: (id) => monitorSettings.limits(id),
    });
    const http = new FetchReader();
    const reader = new PoolReader(http, secrets);
    this.context = {
      clock: systemClock,
      pools: {
        read: (endpoint, signal) => reader.read(endpoint, signal),
        health: (endpoint, signal) => readHealth(endpoint, http, secrets, signal),
      },
      consoles: new PgBouncerOpener(passwords, localSystem()),
      intervalMs: () => Math.max(quickestMs, monitorSettings.intervalMs),
      mayPoll: () => monitor.polls,
      limits: (id) => monitorSettings.limits(id),
      snapshot: (id) => monitor.snapshot(id),
      session: (id, signal) => monitor.session(id, signal),
    };
    this.subscriptions = vscode.Disposable.from(
      vscode.workspace.onDidChangeConfiguration((event) => {
        const { section, applications, poolers, disks } = settings;
        if ([applications, poolers, disks].some((name) => event.affectsConfiguration(`${section}.${name}`)))
          this.follow();
      }),
      monitor.profiles.onDidChange(() => this.follow()),
      monitorSettings.onDidChangeThresholds(() => this.announceAll()),
      monitor.attach(this),
      fleet.onDidChange(() => this.announceFleet()),
    );
    this.follow();
  }

  /** Whose credentials may be stored. */
  secretOwners(): readonly SecretOwner[] {
    const { profiles } = this.monitor;
    const owners = this.read.sources.flatMap(({ connectionId, applications, poolers }): SecretOwner[] => {
      const connection = profiles.find(connectionId)?.name ?? connectionId;
      return [
        ...applications.map(({ id, name }): SecretOwner => ({ id, label: `${connection}: ${name}`, kind: 'http' })),
        ...poolers.map(({ id, name }): SecretOwner => ({ id, label: `${connection}: ${name}`, kind: 'pooler' })),
      ];
    });
    const servers = this.fleet.servers.map(({ id, name }): SecretOwner => ({ id, label: name, kind: 'http' }));
    // Several instances of one application share their credentials.
    return [...new Map([...owners, ...servers].map((owner) => [owner.id, owner])).values()];
  }

  /** Whether the settings name it already. The addresses of one application may be several. */
  has(source: ReadSource): boolean {
    switch (source.kind) {
      case 'application':
        return this.read.sources.some(({ applications }) =>
          applications.some(({ id, url }) => id === source.endpoint.id && url === source.endpoint.url),
        );
      case 'pooler':
        return this.read.sources.some(({ poolers }) => poolers.some(({ id }) => id === source.profile.id));
      case 'prometheus':
        return this.fleet.servers.some(({ id }) => id === source.server.id);
    }
  }

  outcomes(
    connectionId: string,
    sessions: Reading<SessionsState>,
    checks: readonly ShownSignal[],
  ): readonly SignalOutcome[] {
    const disk = this.disks.outcome(connectionId, checks);
    return [
      ...(this.byConnection.get(connectionId)?.outcomes(sessions) ?? []),
      ...this.fleet.outcomes(connectionId),
      ...(disk ? [disk] : []),
    ];
  }

  numbers(connectionId: string): readonly NumericSignal[] {
    return this.byConnection.get(connectionId)?.numbers() ?? [];
  }

  pools(connectionId: string, used: number | null): KnownPools | undefined {
    const pools = this.byConnection.get(connectionId)?.pools(used);
    return pools && pools.pools.length + pools.poolers.length > 0 ? pools : undefined;
  }

  chain(connectionId: string): readonly ChainPath[] {
    return this.byConnection.get(connectionId)?.chain() ?? [];
  }

  dispose(): void {
    this.subscriptions.dispose();
    for (const sources of this.byConnection.values()) sources.dispose();
    this.byConnection.clear();
    this.changes.dispose();
  }

  private follow(): void {
    const { profiles } = this.monitor;
    const applications = ownSetting(settings.applications, profiles);
    const poolers = ownSetting(settings.poolers, profiles);
    const disks = ownSetting(settings.disks, profiles);
    this.read = readSources(applications.value, poolers.value);
    const { capacities, problems } = readDisks(disks.value);
    const changed = [...capacities, ...this.capacities].filter(
      ([id]) => capacities.get(id) !== this.capacities.get(id),
    );
    this.capacities = capacities;
    for (const one of [applications, poolers, disks, this.read, { problems }])
      for (const problem of one.problems) this.tell(problem);
    for (const [id] of changed) this.changes.fire(id);
    const wanted = new Map(this.read.sources.map((sources) => [sources.connectionId, sources]));
    for (const [id, running] of this.byConnection) {
      if (JSON.stringify(running.sources) === JSON.stringify(wanted.get(id))) continue;
      running.dispose();
      this.byConnection.delete(id);
      this.changes.fire(id);
    }
    for (const [id, sources] of wanted) {
      if (this.byConnection.has(id)) continue;
      this.byConnection.set(
        id,
        new ConnectionSources(sources, { ...this.context, changed: () => this.changes.fire(id) }),
      );
    }
  }

  private announceAll(): void {
    for (const id of this.byConnection.keys()) this.changes.fire(id);
    this.announceFleet();
  }

  private announceFleet(): void {
    for (const { connections, disks } of this.fleet.servers) {
      for (const id of new Set([...Object.keys(connections), ...Object.keys(disks)])) this.changes.fire(id);
    }
  }

  private tell(problem: string): void {
    if (this.told.has(problem)) return;
    this.told.add(problem);
    this.log.warn(problem);
    void this.prompts.notify('warning', problem);
  }
}
