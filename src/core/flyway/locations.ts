import type { FileSystem } from '../ports/file-system';

/** Where a class path begins in the source tree of Maven and Gradle; the folder itself for everything else. */
const classPathRoots = ['src/main/resources', 'src/main/java', 'src/main/kotlin', '.'];

/**
 * The existing folders of one location of a project; `*`, `**` and `?` are wildcards of folder names, `{vendor}` is
 * PostgreSQL's. A class path location that the project does not hold is looked for in the modules beside it. Locations that
 * are no folders (`s3:`, `gcs:`) have none.
 */
export async function resolveLocation(files: FileSystem, folder: string, location: string): Promise<string[]> {
  const [, scheme, rest] = /^(?:(\w{2,}):)?(.*)$/.exec(location.trim()) ?? [];
  if (scheme !== undefined && scheme !== 'filesystem' && scheme !== 'classpath') return [];
  const path = (rest ?? '').replaceAll('\\', '/').replaceAll('{vendor}', 'postgresql');
  if (scheme === 'filesystem') return expandPath(files, /^(\/|[A-Za-z]:)/.test(path) ? path : `${folder}/${path}`);
  const relative = path.replace(/^\//, '');
  for (const root of classPathRoots) {
    const found = await expandPath(files, `${folder}/${root}/${relative}`);
    if (found.length > 0) return found;
  }
  const parent = folder.slice(0, folder.lastIndexOf('/'));
  return parent === '' ? [] : expandPath(files, `${parent}/*/src/main/resources/${relative}`);
}

/** Folders without those that lie inside another of them. */
export function outermost(folders: readonly string[]): string[] {
  const unique = [...new Set(folders)].sort();
  return unique.filter((folder) => !unique.some((other) => other !== folder && folder.startsWith(`${other}/`)));
}

async function expandPath(files: FileSystem, path: string): Promise<string[]> {
  const segments: string[] = [];
  for (const [index, segment] of path.split('/').entries()) {
    if (segment === '..' && segments.length > 1) segments.pop();
    else if (index === 0 || (segment !== '' && segment !== '.')) segments.push(segment);
  }
  return expand(files, segments[0] ?? '', segments.slice(1));
}

async function expand(files: FileSystem, base: string, segments: readonly string[]): Promise<string[]> {
  const at = segments.findIndex((segment) => /[*?]/.test(segment));
  if (at === -1) {
    const path = [base, ...segments].join('/');
    return (await files.list(path)) ? [path] : [];
  }
  const start = [base, ...segments.slice(0, at)].join('/');
  const pattern = segments[at] ?? '';
  const below = segments.slice(at + 1);
  const entries = (await files.list(start)) ?? [];
  const folders = entries
    .filter((entry) => entry.kind === 'folder' && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
  const found: string[] = pattern === '**' ? await expand(files, start, below) : [];
  for (const name of folders) {
    if (pattern === '**') found.push(...(await expand(files, `${start}/${name}`, segments.slice(at))));
    else if (wildcard(pattern).test(name)) found.push(...(await expand(files, `${start}/${name}`, below)));
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
