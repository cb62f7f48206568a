import { diskAbout, diskFindings, diskOfDatabases, type DiskState } from '../health/disk';
import { tiers } from '../health/check';
import type { Limits } from '../health/check-run';
import type { SignalOutcome } from '../health/signal';
import type { SeriesKey } from '../history/history-store';
import type { Trend } from '../history/trend';
import { sourceOutcome } from '../pool/pool-findings';
import type { Clock } from '../ports/clock';
import type { ReportedDisk } from '../prometheus/fleet-watch';
import type { ShownSignal } from './snapshot';

export interface DiskContext {
  readonly clock: Clock;
  /** Bytes by connection, as the settings say. */
  readonly capacity: (connectionId: string) => number | undefined;
  /** What a Prometheus says; undefined where the settings tie none. */
  readonly reported: (connectionId: string) => ReportedDisk | undefined;
  /** From the history; undefined where it is too short to say. */
  readonly trend: (key: SeriesKey) => Trend | undefined;
  readonly limits: (connectionId: string) => Limits;
}

/** A trend of two weeks changes slowly, and is not cheap. In ms. */
const trendMs = 300_000;

/** The disks of servers: what Prometheus says of them counts before what can be told from the sizes of databases. */
export class DiskSignals {
  private readonly trends = new Map<string, { readonly at: number; readonly trend: Trend | undefined }>();

  constructor(private readonly context: DiskContext) {}

  /** @param checks of the server itself, as its snapshot holds them; undefined where nothing tells its disk */
  outcome(connectionId: string, checks: readonly ShownSignal[]): SignalOutcome | undefined {
    const reported = this.context.reported(connectionId);
    if (reported) {
      const { asked, at, problem, disk } = reported;
      return sourceOutcome(diskAbout, disk ? this.findings(connectionId, disk) : [], at, asked, problem);
    }
    const capacity = this.context.capacity(connectionId);
    if (capacity === undefined) return undefined;
    const disk = diskOfDatabases(capacity, checks);
    const { at } = disk;
    // It is as old as the sizes it comes from; before the first of them nothing can be said.
    const about = { ...diskAbout, tierMs: tiers.quarter };
    const stale = checks.some((check) => check.about.id === 'database-sizes' && check.stale);
    const findings = at === null ? [] : this.findings(connectionId, disk);
    return sourceOutcome(about, findings, at, sizesSql(checks), stale ? 'not read: the sizes are too old' : null);
  }

  private findings(connectionId: string, disk: DiskState): ReturnType<typeof diskFindings> {
    const trend = this.trendOf({ connectionId, signal: 'disk.bytes', subject: disk.subject });
    return diskFindings(disk, trend, this.context.limits(connectionId));
  }

  private trendOf(key: SeriesKey): Trend | undefined {
    const name = JSON.stringify([key.connectionId, key.subject]);
    const now = this.context.clock.now();
    const known = this.trends.get(name);
    if (known && Math.abs(now - known.at) < trendMs) return known.trend;
    const trend = this.context.trend(key);
    this.trends.set(name, { at: now, trend });
    return trend;
  }
}

function sizesSql(checks: readonly ShownSignal[]): string {
  const used = checks.filter(({ about }) => about.id === 'database-sizes' || about.id === 'wal-backlog');
  return used.map(({ sql }) => sql).join(';\n\n');
}
