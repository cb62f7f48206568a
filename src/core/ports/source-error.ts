/** Why a source beside the database (an actuator, Prometheus) gave nothing, in the terms a person acts on. */
export type SourceErrorReason =
  | 'bad-url'
  | 'unknown-host'
  | 'connection-refused'
  | 'network'
  | 'tls'
  | 'timeout'
  | 'too-large'
  | 'redirect'
  | 'unauthorized'
  | 'not-exposed'
  | 'unexpected-status'
  | 'not-metrics'
  | 'query-failed';

/** A failed reading of a source. `message` says what happened, `remedy` the way out; neither holds a secret. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  constructor(
    readonly reason: SourceErrorReason,
    message: string,
    readonly remedy?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  /** What happened and the way out. */
  get told(): string {
    return this.remedy === undefined ? this.message : `${this.message} ${this.remedy}`;
  }
}
