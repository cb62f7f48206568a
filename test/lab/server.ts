import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { childrenOf, isAlive, type Account } from './account';
import type { Watchdog } from './watchdog';

export interface ConnectOptions {
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly applicationName?: string;
}

export interface ServerPlace {
  readonly native: string;
  readonly major: number;
  readonly dataDirectory: string;
  readonly port: number;
  readonly password: string;
  readonly account: Account | undefined;
  readonly watchdog: Watchdog;
}

/** One real PostgreSQL server of a lab, listening on 127.0.0.1. */
export class LabServer {
  readonly host = '127.0.0.1';
  readonly user = 'postgres';
  readonly port: number;
  readonly major: number;
  readonly password: string;
  readonly dataDirectory: string;
  private process: ChildProcess | undefined;
  private readonly clients = new Set<pg.Client>();

  constructor(private readonly place: ServerPlace) {
    this.port = place.port;
    this.major = place.major;
    this.password = place.password;
    this.dataDirectory = place.dataDirectory;
  }

  /** The pid of the postmaster while it runs. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  url(options: ConnectOptions = {}): string {
    const user = encodeURIComponent(options.user ?? this.user);
    const password = encodeURIComponent(options.password ?? this.password);
    return `postgresql://${user}:${password}@${this.host}:${this.port}/${encodeURIComponent(options.database ?? 'postgres')}`;
  }

  /** A connected client. The lab ends the ones left open when it stops. */
  async connect(options: ConnectOptions = {}): Promise<pg.Client> {
    const client = new pg.Client({
      host: this.host,
      port: this.port,
      user: options.user ?? this.user,
      password: options.password ?? this.password,
      database: options.database ?? 'postgres',
      application_name: options.applicationName ?? 'lab',
      connectionTimeoutMillis: 10_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    this.clients.add(client);
    client.once('end', () => this.clients.delete(client));
    return client;
  }

  /** Runs statements as superuser on a connection of their own and returns the rows of the last. */
  async run<Row extends pg.QueryResultRow>(text: string, values?: unknown[], database?: string): Promise<Row[]> {
    const client = await this.connect(database === undefined ? {} : { database });
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async start(): Promise<void> {
    const log = openSync(
      path.join(path.dirname(this.dataDirectory), `${path.basename(this.dataDirectory)}.log`),
      'a',
      0o666,
    );
    const child = spawn(path.join(this.place.native, 'bin', 'postgres'), ['-D', this.dataDirectory], {
      stdio: ['ignore', log, log],
      // A group of its own, so that Ctrl-C reaches the lab first and the lab ends the servers in order.
      detached: true,
      ...this.place.account,
    });
    closeSync(log);
    child.unref();
    this.place.watchdog.watch(child);
    this.process = child;
    child.once('exit', () => {
      if (this.process === child) this.process = undefined;
    });
    await this.waitUntilReady(child);
  }

  /** `fast` ends sessions and writes a checkpoint, `immediate` does neither (recovery on the next start). */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  }

  /** kill -9 of the postmaster; returns when its children, who notice by themselves, are gone too. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async reload(): Promise<void> {
    this.process?.kill('SIGHUP');
    await sleep(100);
  }

  /** The server's own log, for failures. */
  async log(): Promise<string> {
    return readFile(`${this.dataDirectory}.log`, 'utf8').catch(() => '');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    if (child?.pid === undefined) return;
    const children = childrenOf(child.pid);
    const ended = once(child, 'exit');
    child.ref();
    child.kill(signal);
    const timedOut = await Promise.race([ended.then(() => false), sleep(15_000, true, { ref: false })]);
    if (timedOut) {
      child.kill('SIGKILL');
      await ended;
    }
    const deadline = Date.now() + 10_000;
    while (children.some(isAlive) && Date.now() < deadline) await sleep(20);
    await Promise.all([...this.clients].map((client) => client.end().catch(() => undefined)));
    this.clients.clear();
  }

  private async waitUntilReady(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
        throw new Error(`PostgreSQL ${this.major} did not start:\n${await this.log()}`);
      }
      const client = new pg.Client({ connectionString: this.url(), connectionTimeoutMillis: 5_000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        const found = await client.query<{ place: string }>("SELECT current_setting('data_directory') AS place");
        await client.end();
        if (found.rows[0]?.place === this.dataDirectory) return;
        throw new Error(`Another server answers on port ${this.port}.`);
      } catch (error) {
        await client.end().catch(() => undefined);
        if (Date.now() > deadline)
          throw new Error(`PostgreSQL ${this.major} is not ready:\n${await this.log()}`, { cause: error });
        await sleep(50);
      }
    }
  }
}
