import type { SignalOutcome } from '../health/signal';
import type { Clock } from '../ports/clock';
import type { Disposable } from '../ports/disposable';
import type { Event } from '../ports/emitter';
import type { AlertBook } from './alert-book';

/** The servers of the fleet as the alerts need them. */
export interface ReportedFleet {
  reported(): readonly {
    readonly id: string;
    readonly name: string;
    readonly current: boolean;
    readonly outcomes: readonly SignalOutcome[];
  }[];
  /** Whether the settings still name the Prometheus that reported it. */
  knows(serverId: string): boolean;
  readonly onDidChange: Event<void>;
}

/** What lasts is looked at this often, also between two answers. In ms. */
const tickMs = 15_000;

/** A server that nobody has reported for this long does not come back by itself: its incidents end. In ms. */
const forgottenMs = 86_400_000;

const prefix = 'fleet:';

/** Whether an alert is about a server of the fleet, and not about a connection. */
export function isFleetServer(id: string): boolean {
  return id.startsWith(prefix);
}

/**
 * Carries what a Prometheus reports of servers that are no connections to the alerts. What is stale or gone ends nothing:
 * its incidents stay, and say that they are not measured.
 */
export class FleetAlertWatch implements Disposable {
  private readonly names = new Map<string, string>();
  /** When servers with an incident were last reported. In ms since the epoch. */
  private readonly currentAt = new Map<string, number>();
  private readonly subscription: Disposable;
  private tick: Disposable | undefined;

  constructor(
    private readonly fleet: ReportedFleet,
    private readonly book: AlertBook,
    private readonly clock: Clock,
  ) {
    this.subscription = fleet.onDidChange(() => this.look());
    this.look();
    this.schedule();
  }

  /** As Prometheus names the instance; of one that is not reported any more what its id says. */
  nameOf(serverId: string): string {
    return this.names.get(serverId) ?? serverId.slice(prefix.length);
  }

  dispose(): void {
    this.subscription.dispose();
    this.tick?.dispose();
  }

  private look(): void {
    const now = this.clock.now();
    const current = new Set<string>();
    for (const { id, name, current: isCurrent, outcomes } of this.fleet.reported()) {
      this.names.set(id, name);
      if (isCurrent) current.add(id);
      this.book.observe(id, outcomes);
    }
    const followed = new Set(this.book.incidents.map(({ connectionId }) => connectionId).filter(isFleetServer));
    for (const id of followed) {
      const since = current.has(id) ? now : (this.currentAt.get(id) ?? now);
      this.currentAt.set(id, since);
      if (this.fleet.knows(id) && now - since <= forgottenMs) continue;
      this.book.drop(id);
      this.currentAt.delete(id);
    }
  }

  private schedule(): void {
    this.tick = this.clock.after(tickMs, () => {
      this.look();
      this.schedule();
    });
  }
}
