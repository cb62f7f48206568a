import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Account } from './account';
import { freePort } from './free-port';
import { projectRoot } from './project-root';
import { LabServer } from './server';
import type { Watchdog } from './watchdog';

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

export const labPassword = 'lab-secret-7';

/** Where the servers of a lab live and how they run. */
export interface LabPlace {
  readonly folder: string;
  /** The folder with PostgreSQL's `bin`, `lib` and `share`. */
  readonly native: string;
  readonly major: number;
  readonly account: Account | undefined;
  readonly watchdog: Watchdog;
}

/** Makes the data directories of a lab and starts servers on them. */
export class LabBuilder {
  private readonly folder: string;
  private readonly native: string;
  private readonly major: number;
  private readonly account: Account | undefined;

  constructor(
    private readonly place: LabPlace,
    private readonly options: LabOptions,
  ) {
    this.folder = place.folder;
    this.native = place.native;
    this.major = place.major;
    this.account = place.account;
  }

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
    await this.command('initdb', [...args, '--no-sync', '--encoding=UTF8', '--locale=C']);
    rmSync(passwordFile);
    const server = await this.startOnFreePort(data, 'primary');
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
      await this.run('cp', ['-R', '-p', primary.dataDirectory, data]);
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
    return this.startOnFreePort(data, name, primary);
  }

  /** A port that was free a moment ago may be taken by now; then another one is tried. */
  private async startOnFreePort(data: string, name: string, primary?: LabServer): Promise<LabServer> {
    for (let attempt = 1; ; attempt++) {
      const server = await this.configure(data, name, primary);
      try {
        await server.start();
        return server;
      } catch (error) {
        await server.stop('immediate');
        if (attempt === 3 || !(await server.log()).includes('Address already in use')) throw error;
      }
    }
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
      watchdog: this.place.watchdog,
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

  private async command(program: string, args: readonly string[]): Promise<void> {
    const { code, said } = await this.run(path.join(this.native, 'bin', program), args);
    const library = /error while loading shared libraries: ([^:]+)/.exec(said)?.[1];
    if (library !== undefined) {
      throw new Error(
        `PostgreSQL from npm needs the system library ${library}, and it is missing. On Debian and Ubuntu install it ` +
          'with `apt-get install libstdc++6 libgcc-s1`; `apt-file search` finds the package of any other.',
      );
    }
    if (code !== 0) throw new Error(`${program} failed: ${said}`);
  }

  private async run(program: string, args: readonly string[]): Promise<{ code: number | null; said: string }> {
    const child = spawn(program, args, {
      ...this.account,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      env: { ...process.env, LC_ALL: 'C' },
    });
    this.place.watchdog.watch(child);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, said }));
    });
  }

  private write(file: string, content: string): void {
    writeFileSync(file, content, { mode: 0o600 });
    this.giveAway(file);
  }

  private giveAway(file: string): void {
    if (this.account) chownSync(file, this.account.uid, this.account.gid);
  }
}
