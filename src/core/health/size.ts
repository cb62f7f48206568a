/** One table; bytes. */
export interface TableSize {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly heapBytes: number;
  readonly toastBytes: number;
  readonly indexBytes: number;
  readonly totalBytes: number;
}

export interface SizeState {
  /** Null where the role may not connect to the database. */
  readonly databaseBytes: number | null;
  /** Largest first. */
  readonly tables: readonly TableSize[];
  /** Tables left out because ACCESS EXCLUSIVE is held on them. */
  readonly skippedLocked: number;
}
