import type { Disposable } from './disposable';

/** Time as the core sees it; tests replace it, nothing else is ever mocked. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `ms`; dispose to forget it. */
  after(ms: number, callback: () => void): Disposable;
  /** A number in [0, 1), for the jitter of back-off. */
  random(): number;
}

/** The real time. Timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return { dispose: () => clearTimeout(timer) };
  },
  random: () => Math.random(),
};
