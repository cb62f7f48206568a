import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from '../test/lab/account';
import { projectRoot } from '../test/lab/project-root';
import { cacheFolder, nodeOfMajor, npm, run } from './npm';

/** The VS Code servers the project is run on: code-server carries the one of VS Code 1.x as 4.x. */
export const serverVersions = { newest: '4.139.1', oldest: '4.90.3' } as const;

/** Raise when the recipe below changes: installs of another one are made again. */
const recipe = '2';

/** Built-in extensions that are large, need an account or a browser's graphics, and play no part here. */
const leftOutExtensions = ['copilot', 'mermaid-markdown-features', 'microsoft-authentication'];

/** Packages of the server for its AI agent, its terminal and other systems. The server runs on without them. */
const leftOutPackages =
  /copilot|mxc-sdk|devcontainers|sandbox-runtime|sqlite3|kerberos|ssh2|windows|node-pty|vsce-sign|fs-copyfile/;

export interface InstalledServer {
  readonly version: string;
  /** The Node that this version was built for. */
  readonly node: string;
  /** `server-main.js`, to be run by `node`. */
  readonly main: string;
}

/**
 * Brings a real VS Code server from npm (about 12 s), once for each version. Several processes may ask at the same
 * time: each installs into a folder of its own, and the first to finish gives its folder the final name.
 * @throws Error when npm or tar fail, with what they said
 */
export async function installVsCodeServer(version: string = serverVersions.newest): Promise<InstalledServer> {
  const home = path.join(cacheFolder, `server-${version}`);
  if (!isComplete(home)) await install(version, home);
  const product = path.join(home, 'package');
  const engine = /"node":\s*"\D*(\d+)/.exec(await readFile(path.join(product, 'package.json'), 'utf8'))?.[1] ?? '24';
  return {
    version,
    node: await nodeOfMajor(Number(engine)),
    main: path.join(product, 'lib', 'vscode', 'out', 'server-main.js'),
  };
}

async function install(version: string, home: string): Promise<void> {
  console.log(`Bringing VS Code (code-server ${version}) from npm…`);
  await removeLeftovers(version);
  const scratch = `${home}.${process.pid}`;
  await mkdir(scratch, { recursive: true });
  try {
    const archive = (await npm(['pack', `code-server@${version}`], scratch)).trim().split('\n').at(-1) ?? '';
    const excluded = leftOutExtensions.map((name) => `--exclude=package/lib/vscode/extensions/${name}`);
    await run('tar', ['-xzf', archive, ...excluded, '--exclude=*.map'], scratch);
    await rm(path.join(scratch, archive));
    await installPackages(path.join(scratch, 'package', 'lib', 'vscode'));
    await writeFile(path.join(scratch, 'recipe'), recipe);
    if (!isComplete(home)) {
      await rm(home, { recursive: true, force: true });
      // Fails when another process was faster by a moment; its install serves as well.
      await rename(scratch, home).catch((error: unknown) => {
        if (!isComplete(home)) throw error;
      });
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The server's own dependencies, at the versions its shrinkwrap names. */
async function installPackages(folder: string): Promise<void> {
  const manifestFile = path.join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as Record<string, Record<string, string>>;
  for (const list of ['dependencies', 'overrides']) {
    const kept = Object.entries(manifest[list] ?? {}).filter(([name]) => !leftOutPackages.test(name));
    manifest[list] = Object.fromEntries(kept.filter(([name]) => !name.startsWith('koffi')));
  }
  await writeFile(manifestFile, JSON.stringify(manifest));
  await npm(['install', '--omit=dev', '--no-save', '--legacy-peer-deps'], folder);
  const logger = path.join(folder, 'node_modules', '@vscode', 'spdlog', 'index.js');
  await copyFile(path.join(projectRoot, 'scripts', 'spdlog.cjs'), logger);
}

function isComplete(home: string): boolean {
  const stamp = path.join(home, 'recipe');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe;
}

/** Folders of installs that were killed. */
async function removeLeftovers(version: string): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  for (const name of readdirSync(cacheFolder)) {
    const pid = name.startsWith(`server-${version}.`) ? Number(name.split('.').at(-1)) : 0;
    if (pid > 0 && !isAlive(pid)) await rm(path.join(cacheFolder, name), { recursive: true, force: true });
  }
}
