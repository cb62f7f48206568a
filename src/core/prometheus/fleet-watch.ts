import type { Limits } from '../health/check-run';
import type { DiskState } from '../health/disk';
import type { SignalOutcome } from '../health/signal';
import type { Reading } from '../health/status';
import { SourceWatch } from '../monitor/source-watch';
import { sourceOutcome } from '../pool/pool-findings';
import type { Clock } from '../ports/clock';
import type { Disposable } from '../ports/disposable';
import { diskQueries } from './disk-query';
import { fleetAbout } from './fleet-findings';
import { fleetOutcomes } from './fleet-outcomes';
import { fleetQueries } from './fleet-queries';
import type { FleetReading, FleetServer } from './fleet';
import type { PrometheusServer } from './prometheus-settings';

export interface FleetWatchOptions {
  readonly clock: Clock;
  readonly mayPoll: () => boolean;
  /** Rejects with a SourceError. */
  readonly read: (server: PrometheusServer, signal: AbortSignal) => Promise<FleetReading>;
  readonly changed: () => void;
  /** By the id of a connection or of a server of the fleet. */
  readonly limits: (id: string) => Limits;
}

/** A server of the fleet as the alerts follow it. */
export interface ReportedServer {
  /** As thresholds and rules of alerts name it in place of a connection. */
  readonly id: string;
  readonly name: string;
  /** It is reported now. */
  readonly current: boolean;
  readonly outcomes: readonly SignalOutcome[];
}

/** `fleet:prod/shop shop-db:9187`: the Prometheus and the labels that name the server there. */
export function fleetServerId({ name }: PrometheusServer, { key }: FleetServer): string {
  return `fleet:${name}/${key}`;
}

/** What a Prometheus says of a file system. */
export interface ReportedDisk {
  /** The query, for "explain this". */
  readonly asked: string;
  /** ms since the epoch; null before the first answer. */
  readonly at: number | null;
  readonly problem: string | null;
  readonly disk: DiskState | undefined;
}

/** Exporters are scraped every 15 to 60 s: more often there is nothing new. In ms. */
const intervalMs = 30_000;

/** Watches one Prometheus and with it all servers that it knows. */
export class FleetWatch implements Disposable {
  private readonly watch: SourceWatch<FleetReading>;

  constructor(
    readonly server: PrometheusServer,
    private readonly options: FleetWatchOptions,
  ) {
    const { clock, mayPoll, changed } = options;
    const read = (signal: AbortSignal): Promise<FleetReading> => options.read(server, signal);
    this.watch = new SourceWatch<FleetReading>({ clock, mayPoll, changed, read, intervalMs: () => intervalMs });
  }

  reading(): Reading<FleetReading> {
    return this.watch.current();
  }

  refresh(): Promise<void> {
    return this.watch.poll();
  }

  /** What is reported of a connection that the settings tie to an instance; empty where they tie none. */
  outcomesOf(connectionId: string): readonly SignalOutcome[] {
    const instance = this.server.connections[connectionId];
    if (instance === undefined) return [];
    const asked = this.asked();
    const reading = this.reading();
    const at = this.watch.lastAt ?? null;
    const failed = (problem: string | null): readonly SignalOutcome[] => [
      sourceOutcome(fleetAbout, [], at, asked, problem),
    ];
    if (reading.kind === 'pending') return failed(null);
    if (reading.kind !== 'value') return failed(`not read: ${reading.message}`);
    if (reading.stale) return failed('not read: the last answer is too old');
    const found = reading.value.servers.find((server) => server.instance === instance);
    if (!found) return failed(`not read: ${this.server.name} reports no instance ${instance}`);
    const outcomes = fleetOutcomes(found, this.options.limits(connectionId), at, asked);
    // What an exporter does not have is no line of the tree.
    return outcomes.filter(({ findings }) => findings.length > 0);
  }

  /** All servers that no connection is tied to, as the alerts follow them; those of an old answer with a problem. */
  reported(): readonly ReportedServer[] {
    const reading = this.reading();
    const last = reading.kind === 'value' ? reading : 'last' in reading ? reading.last : undefined;
    if (!last) return [];
    const problem =
      reading.kind !== 'value' ? 'the Prometheus cannot be read' : reading.stale ? 'the last answer is too old' : null;
    const tied = new Set(Object.values(this.server.connections));
    return last.value.servers
      .filter(({ instance }) => !tied.has(instance))
      .map((server) => {
        const id = fleetServerId(this.server, server);
        const outcomes = fleetOutcomes(server, this.options.limits(id), last.at, '', problem);
        return { id, name: server.instance, current: problem === null && server.state !== 'gone', outcomes };
      });
  }

  /** What is reported of the file system of a connection; undefined where the settings tie none. */
  diskOf(connectionId: string): ReportedDisk | undefined {
    const matchers = this.server.disks[connectionId];
    if (matchers === undefined) return undefined;
    const asked = diskQueries({ [connectionId]: matchers }, this.server.mapping).join(';\n\n');
    const reading = this.reading();
    const at = this.watch.lastAt ?? null;
    if (reading.kind === 'pending') return { asked, at, problem: null, disk: undefined };
    if (reading.kind !== 'value') return { asked, at, problem: `not read: ${reading.message}`, disk: undefined };
    if (reading.stale) return { asked, at, problem: 'not read: the last answer is too old', disk: undefined };
    const disk = reading.value.disks.get(connectionId);
    const problem = disk ? null : `not read: ${this.server.name} reports no size and free space for {${matchers}}`;
    return { asked, at: reading.at, problem, disk };
  }

  private asked(): string {
    return Object.values(fleetQueries(this.server.mapping, this.server.labels)).join(';\n\n');
  }

  dispose(): void {
    this.watch.dispose();
  }
}

/** The servers by their group, in their order. */
export function fleetGroups(servers: readonly FleetServer[]): ReadonlyMap<string, readonly FleetServer[]> {
  const groups = new Map<string, FleetServer[]>();
  for (const server of servers) {
    const group = groups.get(server.group);
    if (group) group.push(server);
    else groups.set(server.group, [server]);
  }
  return groups;
}
