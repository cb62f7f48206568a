/** What of `node:sqlite` is used; the types of the oldest supported Node do not know it. */
export interface SqliteStatement {
  run(...values: readonly SqliteValue[]): { readonly changes: number | bigint };
  get(...values: readonly SqliteValue[]): Readonly<Record<string, unknown>> | undefined;
  all(...values: readonly SqliteValue[]): readonly Readonly<Record<string, unknown>>[];
}

export type SqliteValue = string | number | null;

export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

type SqliteModule = { readonly DatabaseSync: new (file: string) => SqliteDatabase };

/** SQLite of this Node, or undefined where it has none (before 22.5, or behind a flag). */
export function findSqlite(): SqliteModule | undefined {
  const builtin = process as { getBuiltinModule?: (id: string) => object | undefined };
  const found = builtin.getBuiltinModule?.('node:sqlite');
  return found && 'DatabaseSync' in found ? (found as SqliteModule) : undefined;
}

/** SQLite's result code of an error, without its extension; undefined for other errors. */
export function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}

export const sqliteCodes = { busy: 5, locked: 6, corrupt: 11, full: 13, notADatabase: 26 } as const;
