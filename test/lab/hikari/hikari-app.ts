import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { until } from '../faults';
import { freePort } from '../free-port';
import { labPassword } from '../lab';
import { projectRoot } from '../project-root';

/** A Java program with real HikariCP pools. */
export interface HikariApp {
  /** Like `http://127.0.0.1:8080`: the JSON lies below `/actuator`, the text below `/text/actuator`. */
  readonly origin: string;
  /** `hold/10` borrows and keeps, `wait/15` asks in threads of its own, `release` gives back. */
  control(pool: string, action: string): Promise<void>;
  stop(): Promise<void>;
}

/** What a program with HikariCP needs, where Debian puts it. */
export const hikariJars = ['HikariCP.jar', 'postgresql.jar', 'slf4j-api.jar', 'slf4j-nop.jar'].map(
  (name) => `/usr/share/java/${name}`,
);

/** Why there can be no HikariCP on this machine, or undefined. */
export function hikariObstacle(): string | undefined {
  if (spawnSync('java', ['-version']).status !== 0) return 'Java is not installed (Debian: openjdk-17-jdk-headless).';
  const missing = hikariJars.filter((jar) => !existsSync(jar));
  if (missing.length === 0) return undefined;
  return `${missing.join(', ')} missing (Debian: libhikaricp-java libpostgresql-jdbc-java libslf4j-java).`;
}

/** @param pools names and maxima, like `shop-api:10,reports:5` */
export async function startHikariApp(
  at: { readonly host: string; readonly port: number },
  pools: string,
  user = 'plain',
): Promise<HikariApp> {
  const port = await freePort();
  const source = path.join(projectRoot, 'test', 'lab', 'hikari', 'HikariApp.java');
  const url = `jdbc:postgresql://${at.host}:${at.port}/postgres`;
  const args = ['-cp', hikariJars.join(path.delimiter), source, String(port), url, user, labPassword, pools];
  const child = spawn('java', ['-Xmx64m', '-XX:TieredStopAtLevel=1', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await until(
      'the Java application listens',
      () => {
        if (child.exitCode !== null) throw new Error(`It ended:\n${output}`);
        return Promise.resolve(output.includes('listening'));
      },
      30_000,
    );
  } catch (error) {
    await stop();
    throw new Error(`HikariApp did not start:\n${output}`, { cause: error });
  }
  return {
    origin,
    stop,
    control: async (pool, action) => {
      const answer = await fetch(`${origin}/control/${pool}/${action}`);
      if (!answer.ok) throw new Error(`${action} on ${pool}: ${await answer.text()}`);
    },
  };
}
