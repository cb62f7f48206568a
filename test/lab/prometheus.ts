import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from './faults';
import { freePort } from './free-port';
import { labPassword } from './lab';

/** What a Prometheus scrapes. */
export interface ScrapeTarget {
  readonly job: string;
  /** `host:port` */
  readonly address: string;
  readonly path?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Running {
  readonly origin: string;
  /** `host:port` */
  readonly address: string;
  stop(): Promise<void>;
}

export function prometheusProgram(): string | undefined {
  return ['prometheus', '/usr/bin/prometheus'].find((program) => spawnSync(program, ['--version']).status === 0);
}

export function exporterProgram(): string | undefined {
  return ['prometheus-postgres-exporter', 'postgres_exporter'].find(
    (program) => spawnSync(program, ['--version']).status === 0,
  );
}

/** A real Prometheus that scrapes often. The exporter needs more than 1 s to say that its server is down. */
export async function startPrometheus(program: string, targets: readonly ScrapeTarget[]): Promise<Running> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dbops-prometheus-'));
  const jobs = targets.map(({ job, address, path: metrics = '/metrics', labels = {} }, index) => ({
    job_name: `${index}`,
    metrics_path: metrics,
    relabel_configs: [{ target_label: 'job', replacement: job }],
    static_configs: [{ targets: [address], labels }],
  }));
  // YAML holds all of JSON.
  const config = { global: { scrape_interval: '1500ms', scrape_timeout: '1400ms' }, scrape_configs: jobs };
  await writeFile(path.join(folder, 'prometheus.yml'), JSON.stringify(config));
  const port = await freePort();
  const child = spawn(
    program,
    [
      `--config.file=${path.join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  return started(child, port, '/-/ready', () => rm(folder, { recursive: true, force: true }));
}

/** A real postgres_exporter on a lab server, with the queries of its own examples where they are installed. */
export async function startExporter(
  program: string,
  server: { readonly host: string; readonly port: number },
  queries?: string,
): Promise<Running> {
  const port = await freePort();
  const args = [`--web.listen-address=127.0.0.1:${port}`];
  if (queries !== undefined) args.push(`--extend.query-path=${queries}`);
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      DATA_SOURCE_URI: `${server.host}:${server.port}/postgres?sslmode=disable`,
      DATA_SOURCE_USER: 'monitor',
      DATA_SOURCE_PASS: labPassword,
    },
  });
  return started(child, port, '/metrics', () => Promise.resolve());
}

async function started(
  child: ChildProcess,
  port: number,
  readyPath: string,
  cleanUp: () => Promise<void>,
): Promise<Running> {
  let log = '';
  child.stderr?.on('data', (data: Buffer) => (log = (log + data.toString()).slice(-4000)));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await cleanUp();
  };
  const address = `127.0.0.1:${port}`;
  try {
    await until(
      'it is ready',
      async () => {
        if (child.exitCode !== null) throw new Error(`It ended:\n${log}`);
        return (await fetch(`http://${address}${readyPath}`).catch(() => undefined))?.ok ?? false;
      },
      30_000,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin: `http://${address}`, address, stop };
}
