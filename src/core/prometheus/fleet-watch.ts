import type { DiskState } from '../health/disk';
import type { SignalOutcome } from '../health/signal';
import type { Reading } from '../health/status';
import { SourceWatch } from '../monitor/source-watch';
import { sourceOutcome } from '../pool/pool-findings';
import type { Clock } from '../ports/clock';
import type { Disposable } from '../ports/disposable';
import { diskQueries } from './disk-query';
import { fleetAbout, fleetFindings } from './fleet-findings';
import { fleetQueries } from './fleet-queries';
import type { FleetReading, FleetServer } from './fleet';
import type { PrometheusServer } from './prometheus-settings';

export interface FleetWatchOptions {
  readonly clock: Clock;
  readonly mayPoll: () => boolean;
  /** Rejects with a SourceError. */
  readonly read: (server: PrometheusServer, signal: AbortSignal) => Promise<FleetReading>;
  readonly changed: () => void;
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
    options: FleetWatchOptions,
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

  /** What is reported of a connection that the settings tie to an instance; undefined where they tie none. */
  outcomeOf(connectionId: string): SignalOutcome | undefined {
    const instance = this.server.connections[connectionId];
    if (instance === undefined) return undefined;
    const asked = Object.values(fleetQueries(this.server.mapping, this.server.labels)).join(';\n\n');
    const reading = this.reading();
    const at = this.watch.lastAt ?? null;
    if (reading.kind !== 'value') {
      const why = reading.kind === 'pending' ? null : `not read: ${reading.message}`;
      return sourceOutcome(fleetAbout, [], at, asked, why);
    }
    if (reading.stale) return sourceOutcome(fleetAbout, [], at, asked, 'not read: the last answer is too old');
    const found = reading.value.servers.find((server) => server.instance === instance);
    if (!found)
      return sourceOutcome(fleetAbout, [], at, asked, `not read: ${this.server.name} reports no instance ${instance}`);
    return sourceOutcome(fleetAbout, fleetFindings(found), at, asked);
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
