import { randomUUID } from 'node:crypto';
import {
  keptMs,
  resolutionMs,
  type HistoryPoint,
  type HistorySample,
  type HistoryStore,
  type Resolution,
  type SeriesKey,
} from '../core/history/history-store';
import type { AuditEntry } from '../core/history/audit-log';
import type { DecisionStore } from '../core/alerts/decision-store';
import type { Unit } from '../core/health/signal';
import { readActions, recordAction } from './sqlite-audit';
import { SqliteDecisions } from './sqlite-decisions';
import { sqliteCode, sqliteCodes, type SqliteDatabase, type SqliteStatement } from './sqlite';

/** A writer that fell silent is replaced after this. In ms. */
const leaseMs = 45_000;

/** Series that are rolled up with each call, and others that are pruned: a small bounded part of the work. */
const rolledEachTime = 400;
const prunedEachTime = 50;

/** What is kept in detail shrinks to this before anything coarser goes. In ms. */
const shortestRawMs = 3_600_000;

const tableOf: Readonly<Record<Resolution, string>> = { raw: 'raw', 'five minutes': 'five', hour: 'hour' };

/** Numbers in SQLite: raw, rolled up to five minutes and hours. Any number of windows may use one file. */
export class SqliteHistory implements HistoryStore {
  readonly memoryOnly = undefined;
  readonly decisions: DecisionStore;
  private readonly owner = randomUUID();
  private readonly ids = new Map<string, number>();
  private readonly statements = new Map<string, SqliteStatement>();
  /** Series with samples that are not rolled up yet. */
  private readonly dirty = new Set<number>();
  /** Up to which series the upkeep has come. */
  private upkeepAt = 0;
  private rawKeptMs = keptMs.raw;

  constructor(
    private readonly database: SqliteDatabase,
    private readonly largestBytes: number,
  ) {
    this.decisions = new SqliteDecisions(database);
  }

  append(samples: readonly HistorySample[], now: number): void {
    try {
      this.write(samples, now);
    } catch (error) {
      if (sqliteCode(error) !== sqliteCodes.full) throw error;
      this.makeRoom(now);
      this.write(samples, now);
    }
    this.transaction(() => this.keepUp(now));
    if (this.usedBytes() > this.largestBytes) this.makeRoom(now);
  }

  read(key: SeriesKey, from: number, to: number, resolution: Resolution): readonly HistoryPoint[] {
    const id = this.findId(key);
    if (id === undefined) return [];
    const columns =
      resolution === 'raw' ? 'value AS low, value AS total, value AS high, 1 AS n' : 'low, total, high, n';
    return this.statement(
      `SELECT at, ${columns} FROM ${tableOf[resolution]} WHERE series = ? AND at >= ? AND at < ? ORDER BY at`,
    )
      .all(id, Math.ceil(from), Math.ceil(to))
      .map((row) => {
        const count = Number(row['n']);
        const total = Number(row['total']);
        return { at: Number(row['at']), min: Number(row['low']), mean: total / count, max: Number(row['high']), count };
      });
  }

  series(connectionId: string): readonly (SeriesKey & { readonly unit: Unit })[] {
    return this.statement('SELECT signal, subject, unit FROM series WHERE connection = ? ORDER BY signal, subject')
      .all(connectionId)
      .map((row) => ({
        connectionId,
        signal: String(row['signal']),
        subject: String(row['subject']),
        unit: String(row['unit']) as Unit,
      }));
  }

  claim(name: string, forMs: number, now: number): boolean {
    const { changes } = this.statement(
      `INSERT INTO lease (name, owner, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE
       SET owner = excluded.owner, until = excluded.until
       WHERE lease.owner = excluded.owner OR lease.until <= ? OR lease.until > ?`,
      // A lease of the far future comes of a clock that was set back.
    ).run(name, this.owner, now + forMs, now, now + 10 * forMs);
    return Number(changes) > 0;
  }

  record(entry: AuditEntry): void {
    recordAction((sql) => this.statement(sql), entry);
  }

  actions(connectionId: string, from: number, to: number): readonly AuditEntry[] {
    return readActions((sql) => this.statement(sql), connectionId, from, to);
  }

  forget(connectionId: string): void {
    this.transaction(() => {
      for (const table of ['raw', 'five', 'hour']) {
        this.statement(`DELETE FROM ${table} WHERE series IN (SELECT id FROM series WHERE connection = ?)`).run(
          connectionId,
        );
      }
      this.statement('DELETE FROM series WHERE connection = ?').run(connectionId);
    });
    this.ids.clear();
    this.dirty.clear();
  }

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  private write(samples: readonly HistorySample[], now: number): void {
    this.transaction(() => {
      const mine = new Map<string, boolean>();
      const insert = this.statement('INSERT OR IGNORE INTO raw (series, at, value) VALUES (?, ?, ?)');
      for (const sample of samples) {
        const { connectionId } = sample;
        const writes = mine.get(connectionId) ?? this.claim(`write ${connectionId}`, leaseMs, now);
        mine.set(connectionId, writes);
        if (!writes) continue;
        const id = this.idOf(sample);
        insert.run(id, Math.round(sample.at), sample.value);
        this.dirty.add(id);
      }
    });
  }

  /** Rolls up and prunes some of the series just written, and prunes some of all others in turn. */
  private keepUp(now: number): void {
    let budget = rolledEachTime;
    for (const id of this.dirty) {
      if (budget-- === 0) break;
      this.rollUp(id, 'raw', 'five', resolutionMs['five minutes'], now - keptMs.raw);
      this.rollUp(id, 'five', 'hour', resolutionMs.hour, now - keptMs['five minutes']);
      this.prune(id, now);
      this.dirty.delete(id);
    }
    const others = this.statement('SELECT id FROM series WHERE id > ? ORDER BY id LIMIT ?').all(
      this.upkeepAt,
      prunedEachTime,
    );
    for (const row of others) {
      const id = Number(row['id']);
      if (!this.dirty.has(id)) this.prune(id, now);
      this.dropEmpty(id);
    }
    this.upkeepAt = others.length < prunedEachTime ? 0 : Number(others.at(-1)?.['id'] ?? 0);
  }

  /**
   * Builds the coarse stretches anew from the latest known one on, which was not over then. `keptFrom`: what lies before
   * may have lost a part of its samples, and stays as it is.
   */
  private rollUp(id: number, from: string, to: string, stretchMs: number, keptFrom: number): void {
    const latest = Number(this.statement(`SELECT max(at) AS at FROM ${to} WHERE series = ?`).get(id)?.['at'] ?? 0);
    const start = latest > keptFrom ? latest : latest === 0 ? 0 : latest + stretchMs;
    const values =
      from === 'raw' ? 'min(value), sum(value), max(value), count(*)' : 'min(low), sum(total), max(high), sum(n)';
    this.statement(
      `INSERT OR REPLACE INTO ${to} (series, at, low, total, high, n)
       SELECT series, at - at % ${stretchMs}, ${values} FROM ${from} WHERE series = ? AND at >= ? GROUP BY 1, 2`,
    ).run(id, start);
  }

  private prune(id: number, now: number): void {
    for (const [table, kept] of [
      ['raw', this.rawKeptMs],
      ['five', keptMs['five minutes']],
      ['hour', keptMs.hour],
    ] as const) {
      this.statement(`DELETE FROM ${table} WHERE series = ? AND at < ?`).run(id, now - kept);
    }
  }

  private dropEmpty(id: number): void {
    const gone = this.statement(
      `DELETE FROM series WHERE id = ? AND NOT EXISTS (SELECT 1 FROM raw WHERE series = ?)
       AND NOT EXISTS (SELECT 1 FROM five WHERE series = ?) AND NOT EXISTS (SELECT 1 FROM hour WHERE series = ?)`,
    ).run(id, id, id, id);
    if (Number(gone.changes) > 0) this.ids.clear();
  }

  /** Too large: the detail is kept for less long, then the oldest of everything goes. */
  private makeRoom(now: number): void {
    this.transaction(() => {
      while (this.usedBytes() > this.largestBytes * 0.9) {
        if (this.rawKeptMs > shortestRawMs) {
          this.rawKeptMs = Math.max(shortestRawMs, this.rawKeptMs / 2);
          for (const row of this.statement('SELECT id FROM series').all()) this.prune(Number(row['id']), now);
        } else if (!this.dropOldest()) return;
      }
    });
    this.database.exec('PRAGMA incremental_vacuum');
  }

  private dropOldest(): boolean {
    for (const table of ['five', 'hour', 'raw']) {
      const bounds = this.statement(`SELECT min(at) AS first, max(at) AS last FROM ${table}`).get();
      const [first, last] = [bounds?.['first'], bounds?.['last']];
      if (typeof first !== 'number' || typeof last !== 'number') continue;
      this.statement(`DELETE FROM ${table} WHERE at <= ?`).run(first + Math.ceil((last - first) / 4));
      return true;
    }
    return false;
  }

  private usedBytes(): number {
    const value = (name: string): number => Number(this.statement(`PRAGMA ${name}`).get()?.[name] ?? 0);
    return (value('page_count') - value('freelist_count')) * value('page_size');
  }

  private idOf(sample: HistorySample): number {
    const known = this.findId(sample);
    if (known !== undefined) return known;
    const { connectionId, signal, subject, unit } = sample;
    this.statement('INSERT OR IGNORE INTO series (connection, signal, subject, unit) VALUES (?, ?, ?, ?)').run(
      connectionId,
      signal,
      subject,
      unit,
    );
    const id = this.findId(sample);
    if (id === undefined) throw new Error('The series was not stored.');
    return id;
  }

  private findId({ connectionId, signal, subject }: SeriesKey): number | undefined {
    const key = JSON.stringify([connectionId, signal, subject]);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const row = this.statement('SELECT id FROM series WHERE connection = ? AND signal = ? AND subject = ?').get(
      connectionId,
      signal,
      subject,
    );
    if (row) this.ids.set(key, Number(row['id']));
    return row && Number(row['id']);
  }

  private transaction(action: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      action();
      this.database.exec('COMMIT');
    } catch (error) {
      // What was learned in it is not true any more.
      this.ids.clear();
      try {
        this.database.exec('ROLLBACK');
      } catch {
        // SQLite has rolled back by itself, as it does when the disk is full.
      }
      throw error;
    }
  }

  private statement(sql: string): SqliteStatement {
    const known = this.statements.get(sql) ?? this.database.prepare(sql);
    this.statements.set(sql, known);
    return known;
  }
}
