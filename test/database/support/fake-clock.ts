import type { Clock } from '../../../src/core/ports/clock';
import type { Disposable } from '../../../src/core/ports/disposable';

/** Time that moves when a test says so. A jump calls each timer that is due once, as after a sleep. */
export class FakeClock implements Clock {
  private time = 1_700_000_000_000;
  private readonly timers = new Set<{ due: number; readonly callback: () => void }>();

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): Disposable {
    const timer = { due: this.time + ms, callback };
    this.timers.add(timer);
    return { dispose: () => void this.timers.delete(timer) };
  }

  random(): number {
    return 0;
  }

  /** Ms until each timer that is set, soonest first. */
  pendingDelays(): number[] {
    return [...this.timers].map((timer) => timer.due - this.time).sort((a, b) => a - b);
  }

  /** Somebody sets the clock: what it shows changes, what is left of each timer does not. */
  set(byMs: number): void {
    this.time += byMs;
    for (const timer of this.timers) timer.due += byMs;
  }

  advance(ms: number): void {
    this.time += ms;
    for (const timer of [...this.timers].sort((a, b) => a.due - b.due)) {
      if (timer.due > this.time || !this.timers.delete(timer)) continue;
      timer.callback();
    }
  }
}
