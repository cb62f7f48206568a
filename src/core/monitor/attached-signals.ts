import type { NumericSignal, SignalOutcome } from '../health/signal';
import type { ChainPath } from '../pooler/chain';
import type { Event } from '../ports/emitter';

/** What is known of a server from elsewhere than itself: its applications' pools and the pooler before it. */
export interface AttachedSignals {
  outcomes(connectionId: string): readonly SignalOutcome[];
  /** Numbers that history keeps beside the findings. */
  numbers(connectionId: string): readonly NumericSignal[];
  /** From applications to what blocks them, the most telling first; empty while nothing waits. */
  chain(connectionId: string): readonly ChainPath[];
  /** Fires with the connection's id. */
  readonly onDidChange: Event<string>;
}
