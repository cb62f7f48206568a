import type { FileSystem, FolderEntry } from '../core/ports/file-system';
import type { Disk } from './apply-fix';

/** The files of a disk with changes over them that nobody writes. */
export class DraftFiles implements FileSystem, Disk {
  /** By path; undefined for one that is gone. */
  private readonly drafts = new Map<string, Uint8Array | undefined>();

  constructor(private readonly files: FileSystem) {}

  async list(folder: string): Promise<readonly FolderEntry[] | undefined> {
    const entries = await this.files.list(folder);
    if (!entries) return undefined;
    const own = [...this.drafts].filter(([path]) => path.slice(0, path.lastIndexOf('/')) === folder);
    const changed = new Set(own.map(([path]) => path.slice(folder.length + 1)));
    const drafted = own.flatMap(([path, bytes]) =>
      bytes ? [{ name: path.slice(folder.length + 1), kind: 'file' as const }] : [],
    );
    return [...entries.filter(({ name }) => !changed.has(name)), ...drafted];
  }

  read(file: string): Promise<Uint8Array | undefined> {
    return this.drafts.has(file) ? Promise.resolve(this.drafts.get(file)) : this.files.read(file);
  }

  real(path: string): Promise<string> {
    return this.files.real(path);
  }

  async isThere(path: string): Promise<boolean> {
    return (await this.read(path)) !== undefined;
  }

  create(path: string, text: string): Promise<void> {
    this.drafts.set(path, new TextEncoder().encode(text));
    return Promise.resolve();
  }

  replace(path: string, text: string): Promise<void> {
    return this.create(path, text);
  }

  async move(from: string, to: string): Promise<void> {
    this.drafts.set(to, await this.read(from));
    this.drafts.set(from, undefined);
  }
}
