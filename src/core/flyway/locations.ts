import type { FileSystem } from '../ports/file-system';
import type { DatabaseKind } from './database-kind';
import { normalized } from './normalized-path';

/** Where a class path begins in the source tree of Maven and Gradle; the folder itself for everything else. */
const classPathRoots = [
  'src/main/resources',
  'src/main/java',
  'src/main/kotlin',
  'src/main/groovy',
  'src/main/scala',
  'resources',
  'conf',
  'src/test/resources',
  '.',
];

/** Where a project looks for its locations. */
export interface LocationContext {
  readonly files: FileSystem;
  readonly folder: string;
  /** The workspace's folder: a program that is started there counts its paths from it. */
  readonly root: string;
  readonly database: DatabaseKind;
}

/**
 * The existing folders of one location of a project; `*`, `**` and `?` are wildcards of names, `{vendor}` is the
 * database's. A class path location that the project does not hold is looked for in the modules beside it, a path on the
 * disk below the folders above, and one of a container (`/flyway/sql`) below the project. Locations that are no folders
 * (`s3:`, `gcs:`) have none.
 */
export async function resolveLocation(context: LocationContext, location: string): Promise<string[]> {
  const { files, folder, root, database } = context;
  const [, scheme, rest] = /^(?:(\w{2,}):)?(.*)$/.exec(location.trim()) ?? [];
  if (scheme !== undefined && scheme !== 'filesystem' && scheme !== 'classpath') return [];
  const written = (rest ?? '').replaceAll('\\', '/');
  for (const path of vendorPaths(written, database)) {
    const found =
      scheme === 'filesystem' ? await onDisk(files, folder, root, path) : await onClassPath(files, folder, path);
    if (found.length > 0) return found;
  }
  return [];
}

/** Folders without those that lie inside another of them. */
export function outermost(folders: readonly string[]): string[] {
  const unique = [...new Set(folders)].sort();
  return unique.filter((folder) => !unique.some((other) => other !== folder && folder.startsWith(`${other}/`)));
}

/** PostgreSQL's folder stands in where the configured database has none: tests often run on another. */
function vendorPaths(path: string, database: DatabaseKind): string[] {
  if (!path.includes('{vendor}')) return [path];
  return [...new Set([database, 'postgresql', 'postgres'])].map((vendor) => path.replaceAll('{vendor}', vendor));
}

async function onDisk(files: FileSystem, folder: string, root: string, path: string): Promise<string[]> {
  if (/^(\/|[A-Za-z]:)/.test(path)) {
    const found = await expandPath(files, path);
    const inContainer = /^\/flyway\/(.+)$/.exec(path)?.[1];
    return found.length > 0 || inContainer === undefined ? found : expandPath(files, `${folder}/${inContainer}`);
  }
  for (let base = folder; ; base = base.slice(0, base.lastIndexOf('/'))) {
    const found = await expandPath(files, `${base}/${path}`);
    if (found.length > 0 || base === root || !base.startsWith(`${root}/`)) return found;
  }
}

async function onClassPath(files: FileSystem, folder: string, path: string): Promise<string[]> {
  const relative = path.replace(/^\//, '');
  for (const root of classPathRoots) {
    const found = await expandPath(files, `${folder}/${root}/${relative}`);
    if (found.length > 0) return found;
  }
  const parent = folder.slice(0, folder.lastIndexOf('/'));
  return parent === '' ? [] : expandPath(files, `${parent}/*/src/main/resources/${relative}`);
}

async function expandPath(files: FileSystem, path: string): Promise<string[]> {
  const segments = normalized(path).split('/');
  return expand(files, segments[0] ?? '', segments.slice(1), new Set());
}

/** `seen` holds the folders that `**` has entered: a link that leads back into its own folder would never end. */
async function expand(
  files: FileSystem,
  base: string,
  segments: readonly string[],
  seen: Set<string>,
): Promise<string[]> {
  const at = segments.findIndex((segment) => /[*?]/.test(segment));
  if (at === -1) {
    const path = [base, ...segments].join('/');
    return (await files.list(path)) ? [path] : [];
  }
  const start = [base, ...segments.slice(0, at)].join('/');
  const pattern = segments[at] ?? '';
  const below = segments.slice(at + 1);
  const found: string[] = [];
  if (pattern === '**') {
    const key = `${await files.real(start)}\0${below.join('/')}`;
    if (seen.has(key)) return [];
    seen.add(key);
    found.push(...(await expand(files, start, below, seen)));
  }
  for (const { kind, name } of (await files.list(start)) ?? []) {
    if (kind !== 'folder' || name.startsWith('.') || name === 'node_modules') continue;
    if (pattern === '**') found.push(...(await expand(files, `${start}/${name}`, segments.slice(at), seen)));
    else if (wildcard(pattern).test(name)) found.push(...(await expand(files, `${start}/${name}`, below, seen)));
  }
  return found;
}

function wildcard(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
}
