import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverAccount } from '../../lab/account';
import { freePort } from '../../lab/free-port';
import type { LabServer } from '../../lab/server';

export interface PgBouncer {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  stop(): Promise<void>;
}

/** The program, where Debian's package or another has put it. */
export function pgbouncerProgram(): string | undefined {
  return ['pgbouncer', '/usr/sbin/pgbouncer'].find((program) => spawnSync(program, ['--version']).status === 0);
}

/** A real PgBouncer in front of a lab server: its database `postgres` only, two server connections. */
export async function startPgBouncer(
  program: string,
  server: LabServer,
  settings: Readonly<Record<string, string>> = {},
): Promise<PgBouncer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dbops-pgbouncer-'));
  const port = await freePort();
  const account = serverAccount();
  const users = ['postgres', 'monitor', 'plain'].map((user) => `"${user}" "${server.password}"`);
  const options = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: path.join(folder, 'users.txt'),
    pool_mode: 'transaction',
    default_pool_size: '1',
    admin_users: 'postgres',
    ...settings,
  };
  const lines = Object.entries(options).map(([key, value]) => `${key} = ${value}`);
  const ini = `[databases]\npostgres = host=${server.host} port=${server.port}\n[pgbouncer]\n${lines.join('\n')}\n`;
  await writeFile(path.join(folder, 'pgbouncer.ini'), ini);
  await writeFile(options.auth_file, `${users.join('\n')}\n`);
  await chmod(folder, 0o755);
  if (account) await chown(folder, account.uid, account.gid);
  const child = spawn(program, [path.join(folder, 'pgbouncer.ini')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...account,
  });
  let log = '';
  child.stderr.on('data', (data: Buffer) => (log += data.toString()));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !(await listens(port)); tries++) {
    if (tries > 100 || child.exitCode !== null) {
      await stop();
      throw new Error(`PgBouncer did not start:\n${log}`);
    }
    await sleep(50);
  }
  return { host: '127.0.0.1', port, password: server.password, stop };
}

async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
