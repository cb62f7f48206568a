/** Version of the messages. Host and webview come in one package; a webview left over from an update has an older one. */
export const protocolVersion = 1;

/** Why a request failed, as it travels. `reason` is one of the channel's own or of a DatabaseError. */
export interface Failure {
  readonly reason: string;
  readonly message: string;
  readonly remedy?: string;
}

/** Everything that is posted in either direction. */
export type Envelope =
  | {
      readonly protocol: number;
      readonly kind: 'request';
      readonly id: number;
      readonly name: string;
      readonly body: unknown;
    }
  | { readonly protocol: number; readonly kind: 'answer'; readonly id: number; readonly body: unknown }
  | { readonly protocol: number; readonly kind: 'failure'; readonly id: number; readonly failure: Failure }
  | { readonly protocol: number; readonly kind: 'event'; readonly name: string; readonly body: unknown };

/** The message as an envelope, or undefined when it is none: anything may be posted to a window. */
export function readEnvelope(message: unknown): Envelope | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { protocol, kind, id, name, failure } = message as Record<string, unknown>;
  if (typeof protocol !== 'number') return undefined;
  const fits =
    kind === 'event'
      ? typeof name === 'string'
      : typeof id === 'number' &&
        (kind === 'answer' ||
          (kind === 'request' && typeof name === 'string') ||
          (kind === 'failure' && isFailure(failure)));
  return fits ? (message as Envelope) : undefined;
}

function isFailure(value: unknown): value is Failure {
  if (typeof value !== 'object' || value === null) return false;
  const { reason, message } = value as Record<string, unknown>;
  return typeof reason === 'string' && typeof message === 'string';
}
