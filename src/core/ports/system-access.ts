/** What the resolution of a connection reads of the machine, as libpq does. */
export interface SystemAccess {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly userName: string;
  readonly windows: boolean;
  /** The text of a file, or undefined when there is none that may be read. */
  readText(file: string): Promise<string | undefined>;
  /** The permission bits of a regular file, or undefined when there is none. */
  permissions(file: string): Promise<number | undefined>;
  /** Whether something is there; used for the directory of the local socket. */
  exists(file: string): Promise<boolean>;
}
