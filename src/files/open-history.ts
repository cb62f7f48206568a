import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { HistoryStore } from '../core/history/history-store';
import { MemoryHistory } from '../core/history/memory-history';
import type { Log } from '../core/ports/log';
import { isDamaged, NewerHistoryError, prepareHistory } from './history-schema';
import { findSqlite, type SqliteDatabase } from './sqlite';
import { SqliteHistory } from './sqlite-history';

const fileName = 'history.db';
/** In bytes. */
const standardSize = 200 * 1024 * 1024;

/**
 * Opens the history of a folder, which is made when it is missing. A damaged file is put aside and a new one begun; where
 * none can be had, the numbers live in memory. Never throws.
 */
export function openHistory(
  folder: string,
  log: Log,
  largestBytes = standardSize,
  sqlite = findSqlite(),
): HistoryStore {
  if (!sqlite) {
    return new MemoryHistory('This editor has no SQLite: numbers are kept for a day at most, and only in this window.');
  }
  const file = path.join(folder, fileName);
  const open = (): HistoryStore => {
    const database: SqliteDatabase = new sqlite.DatabaseSync(file);
    try {
      prepareHistory(database, largestBytes);
      return new SqliteHistory(database, largestBytes);
    } catch (error) {
      database.close();
      throw error;
    }
  };
  try {
    mkdirSync(folder, { recursive: true });
    try {
      return open();
    } catch (error) {
      if (!isDamaged(error)) throw error;
      log.warn(`The history in ${file} is damaged; it is put aside and begun anew.`);
      putAside(file);
      return open();
    }
  } catch (error) {
    const why =
      error instanceof NewerHistoryError
        ? 'The history was written by a newer version of the extension'
        : `The history in ${file} cannot be opened (${error instanceof Error ? error.message : String(error)})`;
    log.warn(`${why}; numbers are kept in this window only.`);
    return new MemoryHistory(`${why}: numbers are kept for a day at most, and only in this window.`);
  }
}

function putAside(file: string): void {
  renameSync(file, `${file}.damaged`);
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
}
