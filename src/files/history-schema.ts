import { sqliteCode, sqliteCodes, type SqliteDatabase } from './sqlite';

/** Raise it with each change of the tables, and write the step from the version before. */
export const schemaVersion = 4;

/** Waiting blocks the editor's host: what cannot be had soon is tried again later. In ms. */
const busyTimeoutMs = 100;

const tables = `
CREATE TABLE series (id INTEGER PRIMARY KEY, connection TEXT NOT NULL, signal TEXT NOT NULL, subject TEXT NOT NULL,
  unit TEXT NOT NULL, UNIQUE (connection, signal, subject));
CREATE TABLE raw (series INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (series, at)) WITHOUT ROWID;
CREATE TABLE five (series INTEGER NOT NULL, at INTEGER NOT NULL, low REAL NOT NULL, total REAL NOT NULL,
  high REAL NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (series, at)) WITHOUT ROWID;
CREATE TABLE hour (series INTEGER NOT NULL, at INTEGER NOT NULL, low REAL NOT NULL, total REAL NOT NULL,
  high REAL NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (series, at)) WITHOUT ROWID;
CREATE TABLE lease (name TEXT PRIMARY KEY, owner TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Since version 2. */
const auditTable = `
CREATE TABLE audit (id TEXT PRIMARY KEY, at INTEGER NOT NULL, ended INTEGER, account TEXT NOT NULL,
  connection TEXT NOT NULL, name TEXT NOT NULL, environment TEXT NOT NULL, role TEXT NOT NULL, pid INTEGER NOT NULL,
  action TEXT NOT NULL, statement TEXT NOT NULL, outcome TEXT NOT NULL, message TEXT NOT NULL);
CREATE INDEX audit_at ON audit (connection, at);
`;

/** Since version 3: what one window decides about an incident, the others know. */
const decisionTables = `
CREATE TABLE IF NOT EXISTS decision (key TEXT PRIMARY KEY, told INTEGER, acknowledged INTEGER, by TEXT NOT NULL DEFAULT '',
  snoozed INTEGER, seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mute (key TEXT PRIMARY KEY) WITHOUT ROWID;
`;

/** Since version 4: an action on a standby belongs to the incident of its primary too. */
const auditOrigin = `
ALTER TABLE audit ADD COLUMN taken_for TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_for ON audit (taken_for, at);
`;

/** The file was written by a newer version of the extension: it is left alone. */
export class NewerHistoryError extends Error {
  readonly reason = 'newer-history';
}

/**
 * Makes a database ready: settings, tables, version. Several windows may do it at once.
 * @param largestBytes SQLite itself refuses to grow beyond it
 */
export function prepareHistory(database: SqliteDatabase, largestBytes: number): void {
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs * 20}`);
  // Before the first table; afterwards it stays as it is.
  database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = NORMAL');
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (version > schemaVersion) throw new NewerHistoryError(`The history is of version ${version}.`);
    if (version === 0) database.exec(tables);
    if (version < 2) database.exec(auditTable);
    if (version < 3) database.exec(decisionTables);
    if (version < schemaVersion) {
      database.exec(auditOrigin);
      database.exec(`PRAGMA user_version = ${schemaVersion}`);
    }
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size'] ?? 4096);
  database.exec(`PRAGMA max_page_count = ${Math.ceil((largestBytes * 1.2) / pageBytes)}`);
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
}

/** The file cannot be read as a database any more. */
export function isDamaged(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === sqliteCodes.corrupt || code === sqliteCodes.notADatabase;
}
