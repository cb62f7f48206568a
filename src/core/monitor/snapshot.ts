import type { DatabaseErrorReason } from '../ports/database-error';
import type { Event } from '../ports/emitter';
import type { LockState } from '../health/blocking';
import type { Evaluation } from '../health/evaluation';
import type { ReplicationState } from '../health/replication';
import type { SessionsState } from '../health/sessions';
import type { SignalOutcome } from '../health/signal';
import type { SizeState } from '../health/size';
import type { Reading, Status } from '../health/status';
import type { Thresholds } from '../health/thresholds';
import type { ChainPath } from '../pooler/chain';

/** A signal of one server: the reading and what it means. The evaluation of a reading without a value is `unknown`. */
export interface Signal<T> {
  readonly reading: Reading<T>;
  readonly evaluation: Evaluation;
}

/** The outcome of a check as of now. */
export interface ShownSignal extends SignalOutcome {
  /** Older than it should be, or read before the session was lost. */
  readonly stale: boolean;
}

/** All that is known about one connection at one moment. Immutable; a new one replaces it. */
export interface ServerSnapshot {
  readonly connectionId: string;
  /** The person or the view wants it watched; also true while it is unreachable. */
  readonly watched: boolean;
  readonly status: Status;
  /** One sentence for the tooltip and the screen reader: why this status. */
  readonly statusReason: string;
  /** The way out, where there is one. */
  readonly remedy?: string;
  /** Why it is unreachable, where that is known. */
  readonly failure?: DatabaseErrorReason;
  readonly role: 'primary' | 'standby' | null;
  readonly version: string | null;
  /** Round trip of the last poll in ms. */
  readonly latencyMs: number | null;
  /** ms since the epoch of the last successful poll; null before the first. */
  readonly lastSeen: number | null;
  readonly limited: boolean;
  /** What its readings were graded by, for the parts that are graded one by one; the product's where missing. */
  readonly thresholds?: Thresholds;
  readonly sessions: Signal<SessionsState>;
  readonly replication: Signal<ReplicationState>;
  readonly locks: Signal<LockState>;
  readonly size: Signal<SizeState>;
  /** The checks beside them, in the order of their groups; empty before the first round. */
  readonly signals: readonly ShownSignal[];
  /** From applications over the pooler to what blocks them; missing while nothing waits or nothing is attached. */
  readonly chain?: readonly ChainPath[];
}

/** What views need of the monitor. */
export interface MonitorView {
  snapshot(connectionId: string): ServerSnapshot;
  /** Fires with the connection's id, only when something a person sees has changed. */
  readonly onDidChange: Event<string>;
  /** Starts watching; resolves when connected or failed (the snapshot says which). */
  connect(connectionId: string): Promise<void>;
  /** Stops watching and closes the session; the item shows that it is the person's wish. */
  disconnect(connectionId: string): Promise<void>;
  /** Polls now, all tiers; without an id every connection that is being watched. */
  refresh(connectionId?: string): Promise<void>;
  /** Polls run only while visible or when monitoring in the background is on. */
  setVisible(visible: boolean): void;
}
