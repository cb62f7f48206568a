import type { ConnectionProfile } from '../core/connection/profile';
import { resolveConnection, type ResolvedConnection } from '../core/connection/resolve';
import { DatabaseError } from '../core/ports/database-error';
import type { PasswordSource } from '../core/ports/passwords';
import type { PoolerConsole, PoolerConsoleOpener, ShowCommand } from '../core/ports/pooler-console';
import type { RawRow } from '../core/ports/row';
import type { SystemAccess } from '../core/ports/system-access';
import { abortError } from './abort-error';
import type { Link } from './connect';
import { placeOf } from './connect-error';
import { connectInAnyWay, withinTimeout } from './connect-ways';
import { connectionLost, statementError } from './server-error';
import { consoleParameters } from './session-settings';
import { StatementQueue } from './statement-queue';

/** The console answers from memory; what takes longer hangs. In ms. */
const answerMs = 3000;
const consoleDatabase = 'pgbouncer';

/** Opens the console of a PgBouncer, which is not PostgreSQL: simple protocol, `SHOW` only, every error 08P01. */
export class PgBouncerOpener implements PoolerConsoleOpener {
  constructor(
    private readonly passwords: PasswordSource,
    private readonly system: SystemAccess,
  ) {}

  /** Rejects with a DatabaseError, or with an AbortError. */
  async open(profile: ConnectionProfile, signal: AbortSignal): Promise<PoolerConsole> {
    const target = { ...profile.target, database: consoleDatabase };
    const at = await resolveConnection(target, this.system, await this.passwords.password(profile.id));
    return withinTimeout(at, signal, async (attempt) => {
      const pooler = new PgBouncerConsole(await connectInAnyWay(at, consoleParameters, attempt), placeOf(at));
      await pooler.identify(at, attempt).catch(async (error: unknown) => {
        await pooler.close();
        throw error;
      });
      return pooler;
    });
  }
}

class PgBouncerConsole implements PoolerConsole {
  version: string | null = null;
  private readonly queue = new StatementQueue();
  private end: DatabaseError | undefined;

  constructor(
    private readonly link: Link,
    private readonly place: string,
  ) {
    const lost = (): void => this.lose(connectionLost(this.place));
    link.client.on('error', lost);
    link.client.on('end', lost);
  }

  get alive(): boolean {
    return this.end === undefined;
  }

  /** Only a PgBouncer knows the command; a PostgreSQL with a database of that name is found out here. */
  async identify(at: ResolvedConnection, signal: AbortSignal): Promise<void> {
    const [row] = await this.show('VERSION', signal).catch((error: unknown) => {
      if (!(error instanceof DatabaseError) || error.reason === 'connection-lost') throw error;
      throw notPgBouncer(at);
    });
    const version = row?.['version'];
    if (typeof version !== 'string' || !/pgbouncer/i.test(version)) throw notPgBouncer(at);
    this.version = /\d+\.\d+(?:\.\d+)?/.exec(version)?.[0] ?? null;
  }

  async show(command: ShowCommand, signal?: AbortSignal): Promise<readonly RawRow[]> {
    return this.queue.add(signal, 'at once', async () => {
      if (this.end) throw this.end;
      // The console cannot be asked to stop: whoever gives up leaves the connection.
      const stop = (): void => this.lose(connectionLost(this.place));
      const guard = setTimeout(() => this.lose(silent(this.place)), answerMs);
      signal?.addEventListener('abort', stop, { once: true });
      const asked = { statement: `SHOW ${command}`, place: this.place, limitMs: answerMs, elapsedMs: 0 };
      try {
        // A text without values travels by the simple protocol; anything else costs the connection.
        const { rows } = await this.link.client.query<Record<string, unknown>>(`SHOW ${command}`);
        return rows;
      } catch (error) {
        if (signal?.aborted) throw abortError();
        throw this.whyLost() ?? statementError(error, asked);
      } finally {
        clearTimeout(guard);
        signal?.removeEventListener('abort', stop);
      }
    });
  }

  close(): Promise<void> {
    this.lose(connectionLost(this.place));
    return Promise.resolve();
  }

  /** A method, for the value changes while a command runs. */
  private whyLost(): DatabaseError | undefined {
    return this.end;
  }

  private lose(why: DatabaseError): void {
    if (this.end) return;
    this.end = why;
    this.queue.refuse(why);
    this.link.socket.destroy();
  }
}

function silent(place: string): DatabaseError {
  return new DatabaseError(
    'connection-lost',
    `The console of PgBouncer at ${place} did not answer within ${answerMs / 1000} s.`,
    'The pooler or the network hangs. It is opened again by itself.',
  );
}

function notPgBouncer(at: ResolvedConnection): DatabaseError {
  return new DatabaseError(
    'pooler-refused',
    `${placeOf(at)} is no PgBouncer: it does not know SHOW VERSION.`,
    "Give the pooler's host and port, not the server's.",
  );
}
