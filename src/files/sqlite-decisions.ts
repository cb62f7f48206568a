import { longestUnseenMs, type Decision, type DecisionStore } from '../core/alerts/decision-store';
import type { SqliteDatabase } from './sqlite';

/** Decisions about incidents in the file of the history, for all windows. */
export class SqliteDecisions implements DecisionStore {
  constructor(private readonly database: SqliteDatabase) {}

  read(now: number): ReadonlyMap<string, Decision> {
    const rows = this.database
      .prepare('SELECT key, told, acknowledged, by, snoozed FROM decision WHERE seen BETWEEN ? AND ?')
      .all(now - longestUnseenMs, now + longestUnseenMs);
    return new Map(
      rows.map((row) => [
        String(row['key']),
        {
          toldAt: timeOf(row['told']),
          acknowledgedAt: timeOf(row['acknowledged']),
          acknowledgedBy: String(row['by']),
          snoozedUntil: timeOf(row['snoozed']),
        },
      ]),
    );
  }

  claim(key: string, now: number): boolean {
    // One statement, so that of several windows one is the first.
    const { changes } = this.database
      .prepare(
        `INSERT INTO decision (key, told, seen) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE
         SET told = excluded.told, seen = excluded.seen, snoozed = NULL
         WHERE decision.told IS NULL OR decision.seen NOT BETWEEN ? AND ?`,
      )
      .run(key, now, now, now - longestUnseenMs, now + longestUnseenMs);
    return Number(changes) > 0;
  }

  decide(key: string, { toldAt, acknowledgedAt, acknowledgedBy, snoozedUntil }: Decision, now: number): void {
    this.database
      .prepare('INSERT OR REPLACE INTO decision (key, told, acknowledged, by, snoozed, seen) VALUES (?, ?, ?, ?, ?, ?)')
      .run(key, toldAt, acknowledgedAt, acknowledgedBy, snoozedUntil, now);
  }

  seen(keys: readonly string[], now: number): void {
    const [from, to] = [now - longestUnseenMs, now + longestUnseenMs];
    this.database
      .prepare('UPDATE decision SET seen = ? WHERE seen BETWEEN ? AND ? AND key IN (SELECT value FROM json_each(?))')
      .run(now, from, to, JSON.stringify(keys));
    this.database.prepare('DELETE FROM decision WHERE seen NOT BETWEEN ? AND ?').run(from, to);
  }

  end(key: string): void {
    this.database.prepare('DELETE FROM decision WHERE key = ?').run(key);
  }

  muted(): ReadonlySet<string> {
    return new Set(
      this.database
        .prepare('SELECT key FROM mute')
        .all()
        .map((row) => String(row['key'])),
    );
  }

  setMuted(key: string, muted: boolean): void {
    const sql = muted ? 'INSERT OR IGNORE INTO mute (key) VALUES (?)' : 'DELETE FROM mute WHERE key = ?';
    this.database.prepare(sql).run(key);
  }
}

function timeOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
