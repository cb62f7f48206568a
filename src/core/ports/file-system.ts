/** One entry of a folder. `link` entries say what they lead to. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** The files of a workspace. Paths are absolute, with forward slashes. */
export interface FileSystem {
  /** The entries of a folder, links followed, or undefined when it is none. */
  list(folder: string): Promise<readonly FolderEntry[] | undefined>;
  /** The bytes of a file, or undefined when there is none that may be read. */
  read(file: string): Promise<Uint8Array | undefined>;
  /** The path without links, to notice a loop. */
  real(path: string): Promise<string>;
}
