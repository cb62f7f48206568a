import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { until } from '../lab/faults';
import { freePort } from '../lab/free-port';
import { labPassword } from '../lab/lab';
import type { LabServer } from '../lab/server';
import { serverCost } from './server-cost';

const scrapes = 20;

/**
 * The server's time for one scrape of prometheus-postgres-exporter as it comes, in ms.
 * @returns undefined when the exporter is not installed
 */
export async function exporterCostMs(server: LabServer): Promise<number | undefined> {
  const program = findExporter();
  if (program === undefined) return undefined;
  const port = await freePort();
  const child = spawn(program, [`--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
    env: {
      ...process.env,
      DATA_SOURCE_URI: `${server.host}:${server.port}/postgres?sslmode=disable`,
      DATA_SOURCE_USER: 'monitor',
      DATA_SOURCE_PASS: labPassword,
    },
  });
  const scrape = async (): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
    return /^pg_up 1$/m.test((await answer?.text()) ?? '');
  };
  try {
    await until('the exporter reads the server', scrape, 20_000);
    const { ms } = await serverCost(server, scrapes, async () => {
      await scrape();
    });
    return ms;
  } finally {
    child.kill('SIGKILL');
  }
}

function findExporter(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const names = ['prometheus-postgres-exporter', 'postgres_exporter'];
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find((file) => existsSync(file));
}
