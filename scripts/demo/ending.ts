import { setTimeout as sleep } from 'node:timers/promises';

/** The steps that take the demo down, the last one first, once, whoever asks. */
export class Ending {
  private readonly steps: (() => Promise<void> | void)[] = [];
  private ended: Promise<void> | undefined;
  readonly asked: Promise<void>;

  constructor() {
    // Ctrl-C reaches this process from the terminal and from its starter: the second one is the same wish.
    this.asked = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve());
    });
    void this.asked.then(() => console.log('\nEnding…'));
  }

  add(step: () => Promise<void> | void): void {
    this.steps.push(step);
  }

  /** Takes 10 s at most; what is not over then is ended by the watchdogs when this process is. */
  async end(): Promise<void> {
    this.ended ??= Promise.race([this.takeDown(), sleep(10_000)]);
    await this.ended;
  }

  private async takeDown(): Promise<void> {
    for (const step of this.steps.reverse()) await step();
  }
}
