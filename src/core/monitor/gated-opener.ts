import type { ConnectionProfile } from '../connection/profile';
import type { Clock } from '../ports/clock';
import type { SessionOpener } from '../ports/connections';
import type { Session } from '../ports/session';

/** Sessions that may be opened at the same moment: key derivation and TLS of hundreds at once would stall everything. */
const openAtOnce = 8;
/** A server that has not answered for this long gives its place to the next. In ms. */
const placeMs = 1000;

/** Opens a few sessions at a time; servers that hang delay nobody else for long. */
export class GatedOpener implements SessionOpener {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly opener: SessionOpener,
    private readonly clock: Clock,
  ) {}

  async open(profile: ConnectionProfile, signal: AbortSignal): Promise<Session> {
    if (this.taken >= openAtOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.taken++;
    let held = true;
    const leave = (): void => {
      if (!held) return;
      held = false;
      const next = this.waiting.shift();
      if (next) next();
      else this.taken--;
    };
    const timer = this.clock.after(placeMs, leave);
    try {
      signal.throwIfAborted();
      return await this.opener.open(profile, signal);
    } finally {
      timer.dispose();
      leave();
    }
  }
}
