import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { Socket } from 'node:net';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { serverAccount, type Account } from './account';
import { binariesOf, labParent, newestMajor, readableByAll } from './binaries';
import { freePort } from './free-port';
import { projectRoot } from './project-root';
import { LabServer } from './server';

export interface LabOptions {
  readonly major?: number;
  readonly standbys?: number;
  /** Settings of postgresql.conf, for the primary and the standbys; values are quoted here. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Lines of pg_hba.conf in front of the lab's own. */
  readonly hba?: readonly string[];
  /** Serve TLS with the certificate of test/fixtures/tls: `server` for localhost, or `wrong-host`. */
  readonly tls?: boolean | 'server' | 'wrong-host';
}

/**
 * A primary and its standbys. Roles beside the superuser: `monitor` (pg_monitor), `plain` (nothing), each with the
 * lab's password.
 */
export interface Lab {
  readonly folder: string;
  readonly primary: LabServer;
  readonly standbys: readonly LabServer[];
  stop(): Promise<void>;
}

export const labPassword = 'lab-secret-7';

/** Starts real servers in a temporary folder of their own. Nothing of it is left after `stop`, Ctrl-C or a crash. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const major = options.major ?? newestMajor;
  const account = serverAccount();
  const folder = await mkdtemp(path.join(labParent, 'dbops-lab-'));
  const watchdog = startWatchdog(folder);
  try {
    await chmod(folder, 0o755);
    if (account) chownSync(folder, account.uid, account.gid);
    const found = await binariesOf(major);
    const native = account ? await readableByAll(found, folder) : found;
    const builder = new LabBuilder(folder, native, major, account, options);
    const primary = await builder.makePrimary();
    const standbys: LabServer[] = [];
    for (let number = 1; number <= (options.standbys ?? 0); number++) {
      standbys.push(await builder.makeStandby(primary, number));
    }
    const stop = async (): Promise<void> => {
      await Promise.all([...standbys, primary].map((server) => server.stop('immediate')));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      watchdog.stdin.end();
    };
    return { folder, primary, standbys, stop };
  } catch (error) {
    watchdog.stdin.end();
    throw error;
  }
}

function startWatchdog(folder: string): ChildProcessByStdio<Writable, null, null> {
  const child = spawn(process.execPath, [path.join(projectRoot, 'test/lab/watchdog.mjs'), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
  });
  child.unref();
  child.stdin.on('error', () => undefined);
  // The pipe must not keep a process alive whose work is done.
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}

class LabBuilder {
  constructor(
    private readonly folder: string,
    private readonly native: string,
    private readonly major: number,
    private readonly account: Account | undefined,
    private readonly options: LabOptions,
  ) {}

  async makePrimary(): Promise<LabServer> {
    const data = path.join(this.folder, 'primary');
    const passwordFile = path.join(this.folder, 'password');
    writeFileSync(passwordFile, `${labPassword}\n`, { mode: 0o600 });
    this.giveAway(passwordFile);
    const args = [
      '-D',
      data,
      '-U',
      'postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--auth-local=trust',
    ];
    this.command('initdb', [...args, '--no-sync', '--encoding=UTF8', '--locale=C']);
    rmSync(passwordFile);
    const server = await this.configure(data, 'primary');
    await server.start();
    await server.run(`
      CREATE ROLE monitor LOGIN PASSWORD '${labPassword}' IN ROLE pg_monitor;
      CREATE ROLE plain LOGIN PASSWORD '${labPassword}';
      CREATE EXTENSION pg_stat_statements;
    `);
    return server;
  }

  /** A copy of the data directory between the start and the stop of a backup: there is no pg_basebackup here. */
  async makeStandby(primary: LabServer, number: number): Promise<LabServer> {
    const name = `standby${number}`;
    const data = path.join(this.folder, name);
    const client = await primary.connect({ applicationName: 'lab backup' });
    try {
      await client.query('SELECT pg_create_physical_replication_slot($1, true)', [name]);
      const old = this.major < 15;
      await client.query(old ? "SELECT pg_start_backup('lab', true, false)" : "SELECT pg_backup_start('lab', true)");
      // Files that come and go while the server runs make cp complain; the WAL of the backup repairs the rest.
      spawnSync('cp', ['-R', '-p', primary.dataDirectory, data], { ...this.account, stdio: 'ignore' });
      const label = await client.query<{ labelfile: string }>(
        `SELECT labelfile FROM ${old ? 'pg_stop_backup(false, false)' : 'pg_backup_stop(false)'}`,
      );
      for (const leftover of ['postmaster.pid', 'postmaster.opts', 'pg_wal', 'pg_replslot']) {
        rmSync(path.join(data, leftover), { recursive: true, force: true });
      }
      for (const empty of ['pg_wal', 'pg_wal/archive_status', 'pg_wal/summaries', 'pg_replslot']) {
        mkdirSync(path.join(data, empty), { mode: 0o700 });
        this.giveAway(path.join(data, empty));
      }
      this.write(path.join(data, 'backup_label'), label.rows[0]?.labelfile ?? '');
      this.write(path.join(data, 'standby.signal'), '');
    } finally {
      await client.end();
    }
    const server = await this.configure(data, name, primary);
    await server.start();
    return server;
  }

  private async configure(data: string, name: string, primary?: LabServer): Promise<LabServer> {
    const port = await freePort();
    const settings: Record<string, string> = {
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      cluster_name: name,
      wal_level: 'logical',
      max_wal_senders: '10',
      max_replication_slots: '10',
      max_connections: '100',
      hot_standby: 'on',
      shared_buffers: '32MB',
      fsync: 'off',
      full_page_writes: 'off',
      shared_preload_libraries: 'pg_stat_statements',
      wal_receiver_status_interval: '1s',
      wal_retrieve_retry_interval: '200ms',
      logging_collector: 'off',
      timezone: 'UTC',
      ...this.tlsSettings(data),
      ...this.options.settings,
    };
    if (primary) {
      settings['primary_slot_name'] = name;
      settings['primary_conninfo'] =
        `host=${primary.host} port=${primary.port} user=postgres password=${labPassword} application_name=${name}`;
    }
    const lines = Object.entries(settings).map(([key, value]) => `${key} = '${value.replaceAll("'", "''")}'`);
    appendFileSync(path.join(data, 'postgresql.conf'), `\n${lines.join('\n')}\n`);
    if (!primary) {
      this.write(
        path.join(data, 'pg_hba.conf'),
        [
          ...(this.options.hba ?? []),
          'host all all 127.0.0.1/32 scram-sha-256',
          'host replication all 127.0.0.1/32 scram-sha-256',
          '',
        ].join('\n'),
      );
    }
    return new LabServer({
      native: this.native,
      major: this.major,
      dataDirectory: data,
      port,
      password: labPassword,
      account: this.account,
    });
  }

  private tlsSettings(data: string): Record<string, string> {
    if (!this.options.tls) return {};
    const certificate = this.options.tls === 'wrong-host' ? 'wrong-host' : 'server';
    for (const ending of ['crt', 'key']) {
      const target = path.join(data, `lab.${ending}`);
      copyFileSync(path.join(projectRoot, 'test/fixtures/tls', `${certificate}.${ending}`), target);
      chmodSync(target, 0o600);
      this.giveAway(target);
    }
    return { ssl: 'on', ssl_cert_file: path.join(data, 'lab.crt'), ssl_key_file: path.join(data, 'lab.key') };
  }

  private command(program: string, args: readonly string[]): void {
    const result = spawnSync(path.join(this.native, 'bin', program), args, {
      ...this.account,
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    });
    if (result.status !== 0) throw new Error(`${program} failed: ${result.stderr || String(result.error)}`);
  }

  private write(file: string, content: string): void {
    writeFileSync(file, content, { mode: 0o600 });
    this.giveAway(file);
  }

  private giveAway(file: string): void {
    if (this.account) chownSync(file, this.account.uid, this.account.gid);
  }
}
