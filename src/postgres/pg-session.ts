import type pg from 'pg';
import { DatabaseError, endsSession } from '../core/ports/database-error';
import { Emitter } from '../core/ports/emitter';
import type { Capabilities, Session, Statement } from '../core/ports/session';
import { requestCancel, type CancelKey } from './cancel-request';
import { destroy, sessionLimits } from './pg-client';
import { statementError } from './server-error';

/** How long the client waits beyond the server's own limit before it calls the connection dead, in ms. */
const graceMs = 3000;

/** A Session over one `pg` client. Statements run one after another in the order they were asked. */
export class PgSession implements Session {
  private readonly ended = new Emitter<{ readonly reason: string }>();
  readonly onDidEnd = this.ended.event;
  private known: Capabilities | undefined;
  private tail: Promise<unknown> = Promise.resolve();
  private open = true;
  private closing = false;

  constructor(
    private readonly client: pg.Client,
    private readonly key: CancelKey,
    private pooled: boolean,
  ) {
    // A terminated session emits two errors and an end; the first of them counts.
    client.on('error', (error) => this.finish(statementError(error, 'connection', 0).message));
    client.on('end', () => this.finish('The connection was closed.'));
  }

  get capabilities(): Capabilities {
    if (!this.known) throw new Error('The capabilities are read before a session is handed out.');
    return this.known;
  }

  get alive(): boolean {
    return this.open;
  }

  /** Called once by the opener with the result of the probe. */
  know(capabilities: Capabilities): void {
    this.known = capabilities;
    this.pooled = capabilities.pooler;
  }

  read<Row>(statement: Statement<Row>, signal?: AbortSignal): Promise<readonly Row[]> {
    return this.enqueue(statement, 'BEGIN READ ONLY', signal);
  }

  act<Row>(statement: Statement<Row>, signal?: AbortSignal): Promise<readonly Row[]> {
    return this.enqueue(statement, 'BEGIN', signal);
  }

  async close(): Promise<void> {
    if (!this.open || this.closing) return;
    this.closing = true;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      this.client.end().catch(() => undefined),
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, 2000);
      }),
    ]);
    clearTimeout(timer);
    destroy(this.client);
    this.finish('The connection was closed.');
  }

  private enqueue<Row>(statement: Statement<Row>, begin: string, signal?: AbortSignal): Promise<readonly Row[]> {
    const result = this.tail.then(() => this.run(statement, begin, signal));
    this.tail = result.catch(() => undefined);
    return signal ? settledOnAbort(result, signal, () => this.open) : result;
  }

  private async run<Row>(statement: Statement<Row>, begin: string, signal?: AbortSignal): Promise<readonly Row[]> {
    signal?.throwIfAborted();
    if (!this.open || this.closing)
      throw new DatabaseError('connection-lost', `${statement.name}: the connection is closed.`);
    const limitMs = statement.timeoutMs ?? sessionLimits.statementMs;
    const cancel = (): void => void requestCancel(this.key);
    signal?.addEventListener('abort', cancel);
    const guard = setTimeout(() => this.abandon(statement.name), limitMs + graceMs);
    try {
      return (await this.send(statement, begin, limitMs)).rows.map((raw) =>
        statement.row(raw as Record<string, unknown>),
      );
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal);
      const failure = statementError(error, statement.name, limitMs);
      if (!this.isOpen())
        throw new DatabaseError(
          'connection-lost',
          `${statement.name}: the connection was lost.`,
          failure.remedy,
          failure.code,
          { cause: error },
        );
      if (endsSession(failure)) this.abandon(statement.name);
      throw failure;
    } finally {
      clearTimeout(guard);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Reads through a method, since the value changes while statements run. */
  private isOpen(): boolean {
    return this.open;
  }

  /**
   * A direct session carries its limits, so that most statements are one round trip. Other limits, and all statements
   * through a pooler, are set for one transaction: nothing of ours may leak to the pooler's next client.
   */
  private async send(statement: Statement<unknown>, begin: string, limitMs: number): Promise<pg.QueryResult> {
    const query = { text: statement.text, values: [...(statement.values ?? [])] };
    const lockMs = statement.lockTimeoutMs ?? sessionLimits.lockMs;
    const usual = limitMs === sessionLimits.statementMs && lockMs === sessionLimits.lockMs;
    if (usual && !this.pooled) return this.client.query(query);
    const settings = [`statement_timeout = ${Math.ceil(limitMs)}`, `lock_timeout = ${Math.ceil(lockMs)}`];
    if (this.pooled) settings.push('search_path = pg_catalog', "DateStyle = 'ISO'");
    await this.client.query(`${begin}; ${settings.map((setting) => `SET LOCAL ${setting}`).join('; ')}`);
    try {
      const result = await this.client.query(query);
      await this.client.query('COMMIT');
      return result;
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** The server does not answer: the connection is given up, so that nothing waits for it. */
  private abandon(statement: string): void {
    destroy(this.client);
    this.finish(`${statement}: the server did not answer in time.`);
  }

  private finish(reason: string): void {
    if (!this.open) return;
    this.open = false;
    this.ended.fire({ reason });
  }
}

/** How long an abort waits for the server to confirm before the caller is set free, in ms. */
const abortPatienceMs = 2000;

/** Lets the caller go soon after an abort even when the server is silent; the queue goes on behind it. */
function settledOnAbort<T>(result: Promise<T>, signal: AbortSignal, connected: () => boolean): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      timer = setTimeout(() => reject(abortReason(signal)), connected() ? abortPatienceMs : 0);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    result.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    });
  });
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new DOMException('The operation was cancelled.', 'AbortError');
}
