import { MemoryDecisions } from '../alerts/decision-store';
import type { Unit } from '../health/signal';
import type { AuditEntry } from './audit-log';
import {
  keptMs,
  resolutionMs,
  type HistoryPoint,
  type HistorySample,
  type HistoryStore,
  type Resolution,
  type SeriesKey,
} from './history-store';

interface Series extends SeriesKey {
  readonly unit: Unit;
  raw: HistoryPoint[];
  five: HistoryPoint[];
}

/** What is kept of one series: an hour as it was read, a day in five minutes. */
const rawMs = 3_600_000;
const fiveMs = keptMs.raw;
/** A series beyond this number pushes out the one that was not written for the longest time. */
const mostSeries = 10_000;

/** So many actions are remembered. */
const mostActions = 1000;

/** Numbers in memory, where there is no SQLite: they end with the window. */
export class MemoryHistory implements HistoryStore {
  readonly decisions = new MemoryDecisions();
  private readonly all = new Map<string, Series>();
  private readonly audit = new Map<string, AuditEntry>();

  constructor(readonly memoryOnly: string) {}

  append(samples: readonly HistorySample[], now: number): void {
    for (const { connectionId, signal, subject, unit, at, value } of samples) {
      const key = keyOf({ connectionId, signal, subject });
      const series = this.all.get(key) ?? { connectionId, signal, subject, unit, raw: [], five: [] };
      if ((series.raw.at(-1)?.at ?? -Infinity) >= at) continue;
      series.raw.push({ at, min: value, mean: value, max: value, count: 1 });
      addTo(series.five, at - (at % resolutionMs['five minutes']), value);
      while ((series.raw[0]?.at ?? now) < now - rawMs) series.raw.shift();
      while ((series.five[0]?.at ?? now) < now - fiveMs) series.five.shift();
      // Last written, last in the map.
      this.all.delete(key);
      this.all.set(key, series);
    }
    for (const key of this.all.keys()) {
      if (this.all.size <= mostSeries) break;
      this.all.delete(key);
    }
  }

  read(key: SeriesKey, from: number, to: number, resolution: Resolution): readonly HistoryPoint[] {
    const series = this.all.get(keyOf(key));
    if (!series) return [];
    const [oldest] = series.raw;
    const points = resolution === 'raw' && oldest && oldest.at <= from ? series.raw : joined(series);
    return points.filter(({ at }) => at >= from && at < to);
  }

  series(connectionId: string): readonly (SeriesKey & { readonly unit: Unit })[] {
    return [...this.all.values()]
      .filter((series) => series.connectionId === connectionId)
      .map(({ signal, subject, unit }) => ({ connectionId, signal, subject, unit }));
  }

  /** There is no other window that could know. */
  claim(): boolean {
    return true;
  }

  record(entry: AuditEntry): void {
    this.audit.set(entry.id, entry);
    for (const id of this.audit.keys()) {
      if (this.audit.size <= mostActions) break;
      this.audit.delete(id);
    }
  }

  actions(connectionId: string, from: number, to: number): readonly AuditEntry[] {
    return [...this.audit.values()].filter(
      ({ connectionId: on, takenFor, at }) =>
        (on === connectionId || takenFor === connectionId) && at >= from && at < to,
    );
  }

  forget(connectionId: string): void {
    for (const [key, series] of this.all) if (series.connectionId === connectionId) this.all.delete(key);
  }

  close(): void {
    this.all.clear();
  }
}

function keyOf({ connectionId, signal, subject }: SeriesKey): string {
  return JSON.stringify([connectionId, signal, subject]);
}

/** The coarse past, then what is known in detail. */
function joined({ raw, five }: Series): readonly HistoryPoint[] {
  const from = raw[0]?.at ?? Infinity;
  return [...five.filter(({ at }) => at + resolutionMs['five minutes'] <= from), ...raw];
}

function addTo(points: HistoryPoint[], at: number, value: number): void {
  const last = points.at(-1);
  if (last?.at !== at) {
    points.push({ at, min: value, mean: value, max: value, count: 1 });
    return;
  }
  const count = last.count + 1;
  points[points.length - 1] = {
    at,
    min: Math.min(last.min, value),
    mean: last.mean + (value - last.mean) / count,
    max: Math.max(last.max, value),
    count,
  };
}
