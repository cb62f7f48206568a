import { protocolVersion, readEnvelope, type Envelope, type Failure } from './envelope';

/** What one side answers: a request's name with its body and its answer. */
export type Requests = Readonly<Record<string, { readonly body: unknown; readonly answer: unknown }>>;
/** What one side announces: an event's name with its body. */
export type Events = Readonly<Record<string, unknown>>;

/** A request that was not answered well. `reason` is the other side's, or `timeout`, `closed`, `unknown-request`, `version`. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  constructor(
    readonly reason: string,
    message: string,
    readonly remedy?: string,
  ) {
    super(message);
  }
}

/** How messages leave, and how one waits. */
export interface ChannelPorts {
  readonly post: (message: Envelope) => void;
  readonly after: (ms: number, callback: () => void) => { dispose(): void };
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: RequestError) => void;
  readonly timer: { dispose(): void };
}

type Handler = (body: unknown) => unknown;

/** How long a request waits for its answer, in ms. */
export const answerLimitMs = 20_000;

/**
 * One end of the line between host and webview: requests with their answers, failures and time-outs, and events. What is
 * received is not trusted: handlers get `unknown` and read it themselves.
 */
export class Channel<TheirRequests extends Requests, OurEvents extends Events> {
  private readonly handlers = new Map<string, Handler>();
  private readonly listeners = new Map<string, (body: unknown) => void>();
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private closed = false;

  constructor(private readonly ports: ChannelPorts) {}

  /** Answers requests of this name; what it throws or rejects with becomes the failure. */
  handle(name: string, handler: Handler): void {
    this.handlers.set(name, handler);
  }

  /** Listens to events of this name. */
  on(name: string, listener: (body: unknown) => void): void {
    this.listeners.set(name, listener);
  }

  emit<Name extends keyof OurEvents & string>(name: Name, body: OurEvents[Name]): void {
    this.post({ protocol: protocolVersion, kind: 'event', name, body });
  }

  /** Rejects with a RequestError. */
  request<Name extends keyof TheirRequests & string>(
    name: Name,
    body: TheirRequests[Name]['body'],
    limitMs = answerLimitMs,
  ): Promise<TheirRequests[Name]['answer']> {
    if (this.closed) return Promise.reject(closedError());
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = this.ports.after(limitMs, () => {
        this.waiting.delete(id);
        reject(new RequestError('timeout', `No answer to ${name} within ${limitMs / 1000} s.`, 'Try again.'));
      });
      this.waiting.set(id, { resolve, reject, timer });
      this.post({ protocol: protocolVersion, kind: 'request', id, name, body });
    });
  }

  /** Takes what arrived; anything that is not ours is ignored. */
  receive(message: unknown): void {
    const envelope = this.closed ? undefined : readEnvelope(message);
    if (!envelope) return;
    if (envelope.kind === 'request') {
      void this.serve(envelope.id, envelope.name, envelope.body, envelope.protocol);
    } else if (envelope.kind === 'event') {
      if (envelope.protocol === protocolVersion) this.listeners.get(envelope.name)?.(envelope.body);
    } else {
      const entry = this.waiting.get(envelope.id);
      if (!entry) return;
      this.waiting.delete(envelope.id);
      entry.timer.dispose();
      if (envelope.kind === 'answer') entry.resolve(envelope.body);
      else entry.reject(new RequestError(envelope.failure.reason, envelope.failure.message, envelope.failure.remedy));
    }
  }

  /** Nothing is sent or taken any more; whoever waits is told. */
  dispose(): void {
    if (this.closed) return;
    this.closed = true;
    for (const { reject, timer } of this.waiting.values()) {
      timer.dispose();
      reject(closedError());
    }
    this.waiting.clear();
  }

  private async serve(id: number, name: string, body: unknown, protocol: number): Promise<void> {
    try {
      if (protocol !== protocolVersion) {
        throw new RequestError(
          'version',
          'This view is of another version of the extension.',
          'Close it and open it again.',
        );
      }
      const handler = this.handlers.get(name);
      if (!handler) throw new RequestError('unknown-request', `There is no request ${name}.`);
      this.post({ protocol: protocolVersion, kind: 'answer', id, body: await handler(body) });
    } catch (error) {
      this.post({ protocol: protocolVersion, kind: 'failure', id, failure: failureOf(error) });
    }
  }

  private post(message: Envelope): void {
    if (!this.closed) this.ports.post(message);
  }
}

/** An error as it travels: its reason and its way out, where it has them. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { reason: 'failed', message: String(error) };
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.name;
  const remedy = 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : undefined;
  return { reason, message: error.message, ...(remedy === undefined ? {} : { remedy }) };
}

function closedError(): RequestError {
  return new RequestError('closed', 'The view is closed.');
}
