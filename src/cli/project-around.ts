import path from 'node:path';
import { scanFileName } from '../core/flyway/file-name';
import { findProjects, isProjectFile, isUnknown } from '../core/flyway/find-projects';
import { isVersionedOrRepeatable } from '../core/flyway/scan-scripts';
import { blockingFiles } from '../files/local-files';

/** How many folders above one are asked for a configuration. */
const highest = 12;

/**
 * The nearest folder, the given one first, with a configuration whose migrations are below the given folder or around it:
 * what its scripts are called and which placeholders they have stands there. The search ends at a repository's root.
 */
export async function projectAround(folder: string): Promise<string | undefined> {
  for (const place of foldersAbove(folder)) {
    const names = ((await blockingFiles.list(place)) ?? []).map(({ name }) => name);
    // The configuration of the command line's installation is in conf, an application's below src.
    if (names.some((name) => isProjectFile(name) || name === 'conf' || name === 'src')) {
      const projects = await findProjects(blockingFiles, place, process.env);
      const overlaps = (other: string): boolean => isBelow(other, folder) || isBelow(folder, other);
      if (projects.some(({ migrationFolders }) => migrationFolders.some(overlaps))) return place;
      // Where one cannot be read, nobody knows whether the folder is its own.
      if (projects.some((project) => project.folder === place && isUnknown(project))) return place;
    }
    if (names.includes('.git')) return undefined;
  }
  return undefined;
}

/** A folder and those above it, the nearest first. */
export function foldersAbove(folder: string): string[] {
  const places = [folder];
  for (let above = path.posix.dirname(folder); above !== places.at(-1); above = path.posix.dirname(above)) {
    if (places.length >= highest) break;
    places.push(above);
  }
  return places;
}

/** Whether a path is a folder, or lies inside it. */
export function isBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** A folder of scripts that no configuration names, or several that belong together: the locations are below the root. */
export interface BareScripts {
  readonly root: string;
  readonly locations: readonly string[];
}

/**
 * Folders with migrations below one where no configuration tells of any. Neighbors are one project while no two of their
 * scripts have the same name up to the separator; else each is one of its own.
 */
export async function bareScripts(folder: string): Promise<BareScripts[]> {
  const found = new Map<string, readonly string[]>();
  const visit = async (place: string, depth: number): Promise<void> => {
    const entries = (await blockingFiles.list(place)) ?? [];
    const scripts = entries.filter(({ kind, name }) => kind === 'file' && isVersionedOrRepeatable(scanFileName(name)));
    // What is below a folder of scripts is the same project's.
    if (scripts.length > 0)
      found.set(
        place,
        scripts.map(({ name }) => name.split('__')[0] ?? name),
      );
    else if (depth < 8)
      for (const { kind, name } of entries)
        if (kind === 'folder' && !name.startsWith('.') && !['node_modules', 'target', 'build', 'dist'].includes(name))
          await visit(`${place}/${name}`, depth + 1);
  };
  await visit(folder, 0);
  const byParent = new Map<string, string[]>();
  for (const place of found.keys()) {
    const parent = path.posix.dirname(place);
    byParent.set(parent, [...(byParent.get(parent) ?? []), place]);
  }
  return [...byParent].flatMap(([parent, places]): BareScripts[] => {
    const versions = places.flatMap((place) => found.get(place) ?? []).filter((name) => name !== 'R');
    const together = places.length > 1 && new Set(versions).size === versions.length;
    return together
      ? [{ root: parent, locations: places.map((place) => `filesystem:${path.posix.basename(place)}`) }]
      : places.map((root) => ({ root, locations: ['filesystem:.'] }));
  });
}
