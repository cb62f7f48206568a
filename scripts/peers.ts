import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { hikariJars } from '../test/lab/hikari/hikari-app';
import { installDebianPackages, installsDebianPackages } from './debian-packages';

/** The real programs that tests put around PostgreSQL, and the Debian packages they come in. */
const peers: ReadonlyMap<string, () => boolean> = new Map([
  ['pgbouncer', () => runs('pgbouncer', '--version')],
  ['postgresql-client', () => runs('psql', '--version')],
  ['prometheus', () => runs('prometheus', '--version')],
  ['prometheus-postgres-exporter', () => runs('prometheus-postgres-exporter', '--version')],
  ['default-jdk-headless', () => runs('java', '-version')],
  ['libhikaricp-java', () => hikariJars.every((jar) => existsSync(jar))],
  ['libpostgresql-jdbc-java', () => hikariJars.every((jar) => existsSync(jar))],
  ['libslf4j-java', () => hikariJars.every((jar) => existsSync(jar))],
]);

/**
 * Brings PgBouncer, HikariCP, Prometheus and psql for the tests that need them. As root on Debian they are installed;
 * elsewhere a line says what is missing, and the tests that need it say that they are skipped.
 */
export async function ensurePeers(): Promise<void> {
  const missing = missingPeers();
  if (missing.length === 0) return;
  const install = `apt-get install ${missing.join(' ')}`;
  if (!installsDebianPackages()) {
    console.log(`Not on this machine, their tests are skipped: ${missing.join(', ')} (Debian: \`sudo ${install}\`).`);
    return;
  }
  console.log(`Installing what tests put around PostgreSQL (${install})…`);
  await installDebianPackages(missing);
}

function missingPeers(): string[] {
  return [...peers].filter(([, isThere]) => !isThere()).map(([name]) => name);
}

function runs(program: string, argument: string): boolean {
  return spawnSync(program, [argument], { stdio: 'ignore', timeout: 20_000 }).status === 0;
}
