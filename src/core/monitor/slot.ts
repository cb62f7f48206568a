import { DatabaseError, endsSession, isAbort } from '../ports/database-error';
import type { Reading } from '../health/status';

/** A clock is corrected by little all the time. In ms. */
const clockToleranceMs = 2000;

/** The latest outcome of reading one signal. Its age decides whether it is stale, so a hanging server cannot hide it. */
export class Slot<T> {
  private outcome: Exclude<Reading<T>, { kind: 'value' }> = { kind: 'pending' };
  private last: { readonly value: T; readonly at: number } | undefined;
  private current = false;

  /** ms since the epoch of the last value; undefined before the first. */
  get lastAt(): number | undefined {
    return this.last?.at;
  }

  set(value: T, at: number): void {
    this.last = { value, at };
    this.current = true;
  }

  /** One statement failed. Failures of the session itself are thrown on: they concern every signal. */
  fail(error: unknown): void {
    if (isAbort(error) || endsSession(error)) throw error;
    this.current = false;
    const message = error instanceof Error ? error.message : String(error);
    const kept = this.last ? { last: this.last } : {};
    if (error instanceof DatabaseError && error.reason === 'permission-denied')
      this.outcome = { kind: 'denied', message };
    else if (error instanceof DatabaseError && error.reason === 'lock-timeout')
      this.outcome = { kind: 'skipped', message, ...kept };
    else this.outcome = { kind: 'failed', message, ...kept };
  }

  /** The session is gone: what was read is the last that is known. */
  lose(message: string): void {
    this.current = false;
    this.outcome = { kind: 'failed', message, ...(this.last ? { last: this.last } : {}) };
  }

  /** The reading as of `now`; older than `staleAfterMs` is stale, and so is one from the future of a clock set back. */
  reading(now: number, staleAfterMs: number): Reading<T> {
    if (!this.current || !this.last) return this.outcome;
    const age = now - this.last.at;
    return { kind: 'value', ...this.last, stale: age > staleAfterMs || age < -clockToleranceMs };
  }
}
