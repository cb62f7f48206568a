import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { projectRoot } from '../test/lab/project-root';
import { run } from './npm';
import { installVsCodeServer, type InstalledServer } from './vscode-server-install';

export interface ServerOptions {
  /** The workspace that `url()` opens when it is given none. */
  readonly folder?: string;
  /** Where the server keeps extensions, settings and logs; a fresh one, or editors of the last run come back. */
  readonly serverDataDir: string;
  readonly port?: number;
  /** Lets a page bring `extensionDevelopmentPath` and the like. For tests alone. */
  readonly testDriver?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** User settings of the window, by their full names. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly version?: string;
}

/** What a page with the test driver may ask of the workbench; paths are absolute and of this machine. */
export interface Payload {
  readonly extensionDevelopmentPath?: string;
  readonly extensionTestsPath?: string;
}

export interface VsCodeServer {
  /** The process that all of the server's processes descend from. */
  readonly pid: number;
  readonly port: number;
  readonly version: string;
  url(folder?: string, payload?: Payload): string;
  /** What the server has said so far, its last 64 KiB. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts a real VS Code on 127.0.0.1 for browsers of this machine, and waits until it listens. It ends with this
 * process, however that ends.
 */
export async function startVsCodeServer(options: ServerOptions): Promise<VsCodeServer> {
  const installed = await installVsCodeServer(options.version);
  if (options.settings) await writeSettings(options.serverDataDir, options.settings);
  const child = spawnServer(installed, options);
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    const collect = (text: string): void => {
      output = (output + text).slice(-65_536);
      const listening = /agent listening on (\d+)/.exec(output);
      if (listening) resolve(Number(listening[1]));
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`VS Code's server ended (exit ${code ?? 'by signal'}):\n${output}`)));
    setTimeout(() => reject(new Error(`VS Code's server did not listen within 60 s:\n${output}`)), 60_000).unref();
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    pid: child.pid ?? 0,
    port,
    version: installed.version,
    url: (folder = options.folder, payload) => workbenchUrl(port, folder, payload),
    output: () => output,
    stop: () => stop(child),
  };
}

/**
 * Installs a packaged extension as a user would. Do it before a server starts on the same folder.
 * @returns the folder it was unpacked to
 */
export async function installExtension(vsix: string, serverDataDir: string, version?: string): Promise<string> {
  const { node, main } = await installVsCodeServer(version);
  const args = ['--accept-server-license-terms', '--server-data-dir', serverDataDir, '--install-extension', vsix];
  const said = await run(node, [main, ...args], path.dirname(main));
  const extensions = path.join(serverDataDir, 'extensions');
  const name = readdirSync(extensions).find((entry) => entry.startsWith('db-ops-panel.'));
  if (!said.includes('successfully installed') || name === undefined) {
    throw new Error(`VS Code did not install ${vsix}:\n${said}`);
  }
  return path.join(extensions, name);
}

function workbenchUrl(port: number, folder: string | undefined, payload: Payload = {}): string {
  const url = new URL(`http://127.0.0.1:${port}/`);
  if (folder !== undefined) url.searchParams.set('folder', folder);
  const pairs = Object.entries(payload).map(([key, place]) => [
    key,
    `vscode-remote://127.0.0.1:${port}${String(place)}`,
  ]);
  if (pairs.length > 0) url.searchParams.set('payload', JSON.stringify(pairs));
  return url.href;
}

/** Machine settings: they hold for every window of the server and beat the defaults, and need no profile. */
export async function writeSettings(serverDataDir: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const folder = path.join(serverDataDir, 'data', 'Machine');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings, undefined, 2));
}

type ServerProcess = ChildProcessByStdio<Writable, Readable, Readable>;

function spawnServer({ node, main }: InstalledServer, options: ServerOptions): ServerProcess {
  const args = [
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token'],
    ...['--accept-server-license-terms', '--server-data-dir', options.serverDataDir],
    // The last one: no login shell is asked for its environment, which costs seconds and differs by machine.
    ...['--disable-telemetry', '--disable-workspace-trust', '--force-disable-user-env'],
    ...(options.testDriver === true ? ['--enable-smoke-test-driver'] : []),
  ];
  const supervisor = path.join(projectRoot, 'scripts', 'supervise.mjs');
  const child = spawn(process.execPath, [supervisor, node, main, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...cleanEnvironment(), ...options.env },
  });
  child.stdin.on('error', () => undefined);
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}

/** Without what npm, tsx and an editor's terminal have put there for their own children. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|VSCODE_|ELECTRON_|NODE_OPTIONS$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function stop(child: ServerProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  child.stdin.end();
  await ended;
}
