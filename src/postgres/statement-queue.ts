import { abortError } from './abort-error';

interface Waiting {
  readonly start: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Runs one job at a time, in the order they came. A job that waits is dropped when its signal is aborted. One that has
 * been started keeps its turn until it is really over; `release` says when its caller is told.
 */
export class StatementQueue {
  private readonly waiting: Waiting[] = [];
  private refusal: Error | undefined;
  private running = false;

  /** A job is in flight. */
  get busy(): boolean {
    return this.running;
  }

  /** Rejects with an AbortError when given up while waiting, with the refusal when the queue is closed. */
  add<T>(signal: AbortSignal | undefined, release: 'at once' | 'when over', job: () => Promise<T>): Promise<T> {
    if (signal?.aborted) return Promise.reject(abortError());
    if (this.refusal) return Promise.reject(this.refusal);
    return new Promise<T>((resolve, reject) => {
      const forget = (): void => {
        const at = this.waiting.indexOf(entry);
        if (at >= 0) this.waiting.splice(at, 1);
        reject(abortError());
      };
      const entry: Waiting = {
        start: () => {
          if (release === 'when over') signal?.removeEventListener('abort', forget);
          this.running = true;
          void job()
            .then(resolve, reject)
            .finally(() => {
              signal?.removeEventListener('abort', forget);
              this.running = false;
              this.next();
            });
        },
        reject: (error) => {
          signal?.removeEventListener('abort', forget);
          reject(error);
        },
      };
      signal?.addEventListener('abort', forget, { once: true });
      this.waiting.push(entry);
      this.next();
    });
  }

  /** From now on everything that waits or comes is rejected; the job in flight ends by itself. */
  refuse(error: Error): void {
    this.refusal ??= error;
    for (const entry of this.waiting.splice(0)) entry.reject(this.refusal);
  }

  private next(): void {
    if (!this.running) this.waiting.shift()?.start();
  }
}
