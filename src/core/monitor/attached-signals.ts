import type { SessionsState } from '../health/sessions';
import type { Reading } from '../health/status';
import type { NumericSignal, SignalOutcome } from '../health/signal';
import type { KnownPools } from '../pool/known-pools';
import type { ChainPath } from '../pooler/chain';
import type { Event } from '../ports/emitter';
import type { ShownSignal } from './snapshot';

/** What is known of a server from elsewhere than itself: its applications' pools, its pooler, its disk, its scripts. */
export interface AttachedSignals {
  /**
   * @param sessions what the server itself says of its sessions, for the sizing rule
   * @param checks what its own checks found, for its disk
   */
  outcomes(
    connectionId: string,
    sessions: Reading<SessionsState>,
    checks: readonly ShownSignal[],
  ): readonly SignalOutcome[];
  /** Numbers that history keeps beside the findings. */
  numbers(connectionId: string): readonly NumericSignal[];
  /**
   * The pools of the applications before a server; undefined where none is attached.
   * @param used sessions of the server now; null: not known
   */
  readonly pools?: (connectionId: string, used: number | null) => KnownPools | undefined;
  /** From applications to what blocks them, the most telling first; empty while nothing waits. */
  chain(connectionId: string): readonly ChainPath[];
  /** Fires with the connection's id. */
  readonly onDidChange: Event<string>;
}
