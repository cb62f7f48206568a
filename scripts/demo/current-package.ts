import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../test/lab/project-root';
import { packageExtension } from '../build-package';
import { cacheFolder } from '../npm';

/** Everything that the package is made from. */
const sources = [
  ...['src', 'webview', 'media', 'package.json', 'package.nls.json', 'package-lock.json', 'README.md', 'CHANGELOG.md'],
  ...['LICENSE', 'esbuild.mjs', '.vscodeignore', 'scripts/build-package.ts'],
];

/** The packaged extension, made again only when something it is made from has changed. */
export async function currentPackage(): Promise<string> {
  const stamp = path.join(cacheFolder, 'package-stamp.json');
  const wanted = hashOf(sources.flatMap(filesIn));
  const last = readStamp(stamp);
  if (last?.sources === wanted && existsSync(last.file) && hashOf([last.file]) === last.package) return last.file;
  const file = await packageExtension();
  writeFileSync(stamp, JSON.stringify({ sources: wanted, package: hashOf([file]), file }));
  return file;
}

interface Stamp {
  readonly sources: string;
  readonly package: string;
  readonly file: string;
}

function readStamp(stamp: string): Stamp | undefined {
  return existsSync(stamp) ? (JSON.parse(readFileSync(stamp, 'utf8')) as Stamp) : undefined;
}

function filesIn(source: string): string[] {
  const place = path.join(projectRoot, source);
  if (!existsSync(place)) return [];
  if (!statSync(place).isDirectory()) return [place];
  const found = readdirSync(place, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) hash.update(path.relative(projectRoot, file)).update(readFileSync(file));
  return hash.digest('hex');
}
