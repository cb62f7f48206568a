import type { FileSystem, FolderEntry } from '../../../src/core/ports/file-system';

/** Files by path; folders follow from them. */
export class MemoryFiles implements FileSystem {
  constructor(private readonly files: Readonly<Record<string, string>>) {}

  list(folder: string): Promise<readonly FolderEntry[] | undefined> {
    const found = new Map<string, FolderEntry>();
    for (const path of Object.keys(this.files)) {
      if (!path.startsWith(`${folder}/`)) continue;
      const [name = '', ...below] = path.slice(folder.length + 1).split('/');
      found.set(name, { name, kind: below.length > 0 ? 'folder' : 'file' });
    }
    return Promise.resolve(found.size > 0 ? [...found.values()] : undefined);
  }

  read(file: string): Promise<Uint8Array | undefined> {
    const content = this.files[file];
    return Promise.resolve(content === undefined ? undefined : new TextEncoder().encode(content));
  }

  real(path: string): Promise<string> {
    return Promise.resolve(path);
  }
}
