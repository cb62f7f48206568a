import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { ConnectOptions, LabServer } from './server';

/** A fault made for real. `heal` takes it away and may be called twice. */
export interface Fault {
  heal(): Promise<void>;
}

export interface LockChain extends Fault {
  /**
   * A holds a row and is idle in transaction, B waits for A, C waits for B. B, C and the DDL are innocent: each commits
   * and stays connected as soon as it gets its lock.
   */
  readonly pids: { readonly a: number; readonly b: number; readonly c: number; readonly ddl: number | undefined };
  readonly table: string;
}

/** The backend pid of a connected client. */
export async function backendPid(client: pg.Client): Promise<number> {
  const result = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const pid = result.rows[0]?.pid;
  if (pid === undefined) throw new Error('pg_backend_pid() gave no row.');
  return pid;
}

/** Waits until `condition` holds, asking every 50 ms; fails with `what` after `limitMs`. */
export async function until(what: string, condition: () => Promise<boolean>, limitMs = 15_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${limitMs} ms: ${what}.`);
    await sleep(50);
  }
}

/** How many sessions wait for a lock now. */
export async function lockWaiters(server: LabServer): Promise<number> {
  const rows = await server.run<{ n: number }>('SELECT count(DISTINCT pid)::int AS n FROM pg_locks WHERE NOT granted');
  return rows[0]?.n ?? 0;
}

/**
 * A blocks B blocks C; with `ddl` an ALTER TABLE queues behind all of them. The victims' open statements end with an
 * error when their session is ended, which is part of the fault.
 * @param options `user` runs all four sessions and owns the table
 */
export async function lockChain(
  server: LabServer,
  options: { ddl?: boolean; database?: string; user?: string; table?: string } = {},
): Promise<LockChain> {
  const { ddl: withDdl = false, table = 'lock_chain', ...target } = options;
  const [a, b, c, ddl] = await Promise.all(
    ['orders-api', 'billing', 'reports', 'flyway'].map((applicationName) =>
      server.connect({ ...target, applicationName }),
    ),
  );
  if (!a || !b || !c || !ddl) throw new Error('The lab gave no connection.');
  const before = await lockWaiters(server);
  await a.query(`CREATE TABLE IF NOT EXISTS ${table} (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)`);
  await a.query(`INSERT INTO ${table} (id) VALUES (1), (2) ON CONFLICT DO NOTHING`);
  const pids = {
    a: await backendPid(a),
    b: await backendPid(b),
    c: await backendPid(c),
    ddl: withDdl ? await backendPid(ddl) : undefined,
  };
  const open: Promise<unknown>[] = [];
  await a.query('BEGIN');
  await a.query(`UPDATE ${table} SET n = n + 1 WHERE id = 1`);
  await b.query('BEGIN');
  await b.query(`UPDATE ${table} SET n = n + 1 WHERE id = 2`);
  open.push(
    b
      .query(`UPDATE ${table} SET n = n + 1 WHERE id = 1`)
      .then(() => b.query('COMMIT'))
      .catch(() => undefined),
  );
  await until('B waits for A', async () => (await lockWaiters(server)) > before);
  await c.query('BEGIN');
  open.push(
    c
      .query(`UPDATE ${table} SET n = n + 1 WHERE id = 2`)
      .then(() => c.query('COMMIT'))
      .catch(() => undefined),
  );
  await until('C waits for B', async () => (await lockWaiters(server)) > before + 1);
  if (withDdl) {
    open.push(ddl.query(`ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS note text`).catch(() => undefined));
    await until('the DDL waits', async () => (await lockWaiters(server)) > before + 2);
  }
  return {
    pids,
    table,
    heal: async () => {
      await Promise.all([a, b, c, ddl].map((client) => endHard(server, client)));
      await Promise.all(open);
    },
  };
}

/** A session that is idle in an open transaction. */
export async function idleInTransaction(
  server: LabServer,
  options: ConnectOptions = {},
): Promise<Fault & { pid: number }> {
  const client = await server.connect({ applicationName: 'leaky', ...options });
  await client.query('BEGIN');
  await client.query('SELECT 1');
  return { pid: await backendPid(client), heal: () => endHard(server, client) };
}

/** A statement that runs for `seconds`. */
export async function longQuery(
  server: LabServer,
  seconds = 600,
  applicationName = 'slow',
  options: ConnectOptions = {},
): Promise<Fault & { pid: number }> {
  const client = await server.connect({ applicationName, ...options });
  const pid = await backendPid(client);
  client.query('SELECT pg_sleep($1)', [seconds]).catch(() => undefined);
  return { pid, heal: () => endHard(server, client) };
}

/** Replay stands still on a standby; WAL goes on arriving. */
export async function replayPaused(standby: LabServer): Promise<Fault> {
  await standby.run('SELECT pg_wal_replay_pause()');
  return {
    heal: async () => {
      await standby.run('SELECT pg_wal_replay_resume()');
    },
  };
}

export async function standbyStopped(standby: LabServer): Promise<Fault> {
  await standby.stop('fast');
  return { heal: () => standby.start() };
}

/** kill -9 of the postmaster. */
export async function serverKilled(server: LabServer): Promise<Fault> {
  await server.kill();
  return { heal: () => server.start() };
}

/** Every slot that an ordinary role may take is taken. */
export async function exhaustion(server: LabServer, user = 'plain'): Promise<Fault & { sessions: number }> {
  const clients: pg.Client[] = [];
  for (;;) {
    try {
      clients.push(await server.connect({ user, applicationName: 'crowd' }));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === '53300') break;
      throw error;
    }
  }
  return {
    sessions: clients.length,
    heal: async () => {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    },
  };
}

/** Writes at least `bytes` of WAL. */
export async function writeWal(server: LabServer, bytes: number): Promise<void> {
  await server.run('CREATE TABLE IF NOT EXISTS wal_filler (payload text)');
  await server.run('ALTER TABLE wal_filler ALTER COLUMN payload SET STORAGE EXTERNAL');
  await server.run('INSERT INTO wal_filler SELECT repeat(md5(i::text), 256) FROM generate_series(1, $1::int) AS i', [
    Math.ceil(bytes / 8192),
  ]);
}

/** Ends a client whose statement may be waiting: its session is terminated, as closing would wait for the answer. */
async function endHard(server: LabServer, client: pg.Client): Promise<void> {
  const pid = 'processID' in client && typeof client.processID === 'number' ? client.processID : undefined;
  if (pid !== undefined) await server.run('SELECT pg_terminate_backend($1)', [pid]).catch(() => undefined);
  await client.end().catch(() => undefined);
}
