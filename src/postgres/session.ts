import { DatabaseError } from '../core/ports/database-error';
import { Emitter } from '../core/ports/emitter';
import type { Capabilities, Session, Statement } from '../core/ports/session';
import { abortError } from './abort-error';
import { requestCancel } from './cancel-request';
import type { Link } from './connect';
import { codeOf, connectionLost, endsWithSession, isSqlState, sessionEnd, statementError } from './server-error';
import { beginWithLimits, defaultLimits, sessionLimits, type Access } from './session-settings';
import { StatementQueue } from './statement-queue';

/** How far beyond the server's own limit the client waits, in ms: the way there and back. */
const graceMs = 1500;
/** How long a polite good-bye may take, in ms. */
const closeMs = 1000;

interface Limits {
  readonly statementMs: number;
  readonly lockMs: number;
}

interface Rows {
  readonly rows: readonly Record<string, unknown>[];
}

/** A session of PostgreSQL over `pg`: see the contract in core/ports/session.ts. */
export class PostgresSession implements Session {
  private readonly ended = new Emitter<{ readonly reason: string }>();
  readonly onDidEnd = this.ended.event;
  private readonly queue = new StatementQueue();
  private end: DatabaseError | undefined;
  private closing = false;
  /** What runs now is to go on without us. */
  private outliving = false;
  /** Cancel requests on their way: the next statement waits for them, lest it be hit. */
  private cancelling: Promise<void> = Promise.resolve();
  private known: Capabilities | undefined;
  /** Names of the prepared statements by their text; they live as long as the session. */
  private readonly prepared = new Map<string, string>();

  /** `direct`: the startup parameters of a direct session hold, so that plain reads need no transaction of ours. */
  constructor(
    private readonly link: Link,
    private readonly place: string,
    private readonly direct: boolean,
  ) {
    // `pg` emits twice when a session is terminated: the server's message, then the lost connection.
    link.client.on('error', (error) => this.lose(sessionEnd(error, this.place)));
    link.client.on('end', () => this.lose(connectionLost(this.place)));
  }

  get capabilities(): Capabilities {
    if (!this.known) throw new Error('The capabilities are not known before the probe.');
    return this.known;
  }

  /** Set once, by the opener, before anyone else sees the session. */
  identify(capabilities: Capabilities): void {
    this.known = capabilities;
  }

  get alive(): boolean {
    return this.end === undefined && !this.closing;
  }

  read<Row>(statement: Statement<Row>, signal?: AbortSignal): Promise<readonly Row[]> {
    return this.enqueue(statement, 'READ ONLY', signal);
  }

  act<Row>(statement: Statement<Row>, signal?: AbortSignal): Promise<readonly Row[]> {
    // A standby refuses the words READ WRITE, and nothing could be written there.
    return this.enqueue(statement, this.capabilities.inRecovery ? '' : 'READ WRITE', signal);
  }

  async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    this.queue.refuse(connectionLost(this.place));
    const timer = setTimeout(() => this.link.socket.destroy(), closeMs);
    // A backend notices a closed connection only when it answers: what it still runs is cancelled first.
    if (this.queue.busy && !this.outliving) void this.cancelOnServer();
    await this.link.client.end().catch(() => undefined);
    clearTimeout(timer);
    this.link.socket.destroy();
    this.ended.dispose();
  }

  private async enqueue<Row>(
    statement: Statement<Row>,
    access: Access,
    signal: AbortSignal | undefined,
  ): Promise<readonly Row[]> {
    // Who reads is free at once; who acts must learn what has become of it.
    const release = access === 'READ ONLY' ? 'at once' : 'when over';
    const rows = await this.queue.add(signal, release, async () => {
      const cancel = (): void => void this.cancelOnServer();
      signal?.addEventListener('abort', cancel, { once: true });
      const started = performance.now();
      const limits: Limits = {
        // 0 would mean "without limit" to the server.
        statementMs: Math.max(1, statement.timeoutMs ?? defaultLimits.statementMs),
        lockMs: statement.lockTimeoutMs ?? defaultLimits.lockMs,
      };
      try {
        return await this.run(statement, access, limits, signal);
      } catch (error) {
        // What the server said of the statement counts more than that the connection went after it.
        if (this.end && (endsWithSession(error) || !isSqlState(codeOf(error)))) throw this.end;
        if (signal?.aborted) throw abortError();
        throw statementError(error, {
          statement: statement.name,
          place: this.place,
          limitMs: limits.statementMs,
          elapsedMs: performance.now() - started,
        });
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    });
    return rows.rows.map((row) => statement.row(row));
  }

  private async run(
    statement: Statement<unknown>,
    access: Access,
    limits: Limits,
    signal: AbortSignal | undefined,
  ): Promise<Rows> {
    const asStarted = limits.statementMs === defaultLimits.statementMs && limits.lockMs === defaultLimits.lockMs;
    const extended = {
      text: statement.text,
      values: [...(statement.values ?? [])],
      queryMode: 'extended' as const,
      // Behind a pooler the next statement may reach a backend that has never heard of it.
      ...(this.direct && statement.repeated === true && { name: this.nameOf(statement.text) }),
    };
    if (statement.alone === true) return this.runAlone(statement, extended, limits, signal);
    if (this.direct && access === 'READ ONLY' && asStarted) return this.step(extended, limits.statementMs, signal);
    const aroundMs = Math.min(limits.statementMs, defaultLimits.statementMs);
    try {
      await this.step({ text: beginWithLimits(access, limits) }, aroundMs, signal);
      const rows = await this.step(extended, limits.statementMs, signal);
      // What was done is done: giving up now must not hide it.
      await this.step({ text: 'COMMIT' }, aroundMs, undefined);
      return rows;
    } catch (error) {
      // A transaction that cannot be ended would fail every statement after it: the session goes with it.
      if (!this.isLost())
        await this.step({ text: 'ROLLBACK' }, aroundMs, undefined).catch(() => this.lose(connectionLost(this.place)));
      throw error;
    }
  }

  private async runAlone(
    { name, outlives = false }: Pick<Statement<unknown>, 'name' | 'outlives'>,
    query: { text: string; values: unknown[] },
    limits: Limits,
    signal: AbortSignal | undefined,
  ): Promise<Rows> {
    if (!this.direct)
      throw new DatabaseError(
        'refused',
        `${name}: a pooler stands between, and this statement needs a session of its own.`,
        'Add a connection that leads to the server directly.',
      );
    await this.step({ text: sessionLimits(limits, outlives) }, defaultLimits.statementMs, signal);
    this.outliving = outlives;
    try {
      return await this.step(query, limits.statementMs, signal);
    } finally {
      this.outliving = false;
    }
  }

  private nameOf(text: string): string {
    const name = this.prepared.get(text) ?? `db_ops_${this.prepared.size + 1}`;
    this.prepared.set(text, name);
    return name;
  }

  /** One round trip. A server that is silent beyond its own limit is given up, with the session. */
  private async step(
    query: { text: string; values?: unknown[] },
    limitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Rows> {
    if (signal?.aborted) throw abortError();
    if (this.end) throw this.end;
    const guard = setTimeout(() => this.giveUp(limitMs + graceMs), limitMs + graceMs);
    try {
      return await this.link.client.query<Record<string, unknown>>(query);
    } catch (error) {
      if (endsWithSession(error)) this.lose(sessionEnd(error, this.place));
      throw error;
    } finally {
      clearTimeout(guard);
      if (!this.isLost()) await this.cancelling;
    }
  }

  /** A method, for the value changes while a statement runs. */
  private isLost(): boolean {
    return this.end !== undefined;
  }

  private cancelOnServer(): Promise<void> {
    const { client, encryption, address } = this.link;
    if (this.end || client.processID === null || client.secretKey === null) return Promise.resolve();
    const key = { ...address, processId: client.processID, secretKey: client.secretKey, encryption };
    this.cancelling = Promise.all([this.cancelling, requestCancel(key)]).then(() => undefined);
    return this.cancelling;
  }

  private giveUp(ms: number): void {
    void this.cancelOnServer();
    this.lose(
      new DatabaseError(
        'connection-lost',
        `${this.place} did not answer within ${ms / 1000} s; the connection was given up.`,
        'The network or the server hangs. It is opened again by itself.',
      ),
    );
  }

  private lose(error: DatabaseError): void {
    if (this.end) return;
    this.end = error;
    this.link.socket.destroy();
    this.queue.refuse(connectionLost(this.place));
    if (this.closing) return;
    this.ended.fire({ reason: error.message });
    this.ended.dispose();
  }
}
