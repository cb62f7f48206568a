import { readFileSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileSystem, FolderEntry } from '../core/ports/file-system';

/** The files of this machine, with forward slashes on every system. */
export const localFiles: FileSystem = {
  async list(folder) {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      const found = await Promise.all(
        entries.map(async (entry): Promise<FolderEntry | undefined> => {
          if (entry.isDirectory()) return { name: entry.name, kind: 'folder' };
          if (entry.isFile()) return { name: entry.name, kind: 'file' };
          if (!entry.isSymbolicLink()) return undefined;
          const target = await stat(path.join(folder, entry.name)).catch(() => undefined);
          if (target?.isDirectory() === true) return { name: entry.name, kind: 'folder' };
          // A pipe or a device would never end.
          return target?.isFile() === true ? { name: entry.name, kind: 'file' } : undefined;
        }),
      );
      return found.filter((entry) => entry !== undefined);
    } catch {
      return undefined;
    }
  },
  read: (file) => readFile(file).catch(() => undefined),
  real: (file) => realpath(file).then(slashes, () => file),
};

/**
 * The same for a thread that has nothing else to do while it reads, the command line's or a worker's: thousands of small
 * files are read in a third of the time.
 */
export const blockingFiles: FileSystem = {
  ...localFiles,
  read(file) {
    try {
      return Promise.resolve(readFileSync(file));
    } catch {
      return Promise.resolve(undefined);
    }
  },
};

/** A path of this system with forward slashes. */
export function slashes(file: string): string {
  return path.sep === '/' ? file : file.replaceAll(path.sep, '/');
}
