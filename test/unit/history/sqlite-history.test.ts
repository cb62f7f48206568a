import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keptMs, type HistorySample, type HistoryStore } from '../../../src/core/history/history-store';
import { readHistory } from '../../../src/core/history/read-history';
import { openHistory } from '../../../src/files/open-history';
import { findSqlite } from '../../../src/files/sqlite';
import { projectRoot } from '../../lab/project-root';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** The beginning of an hour. */
const start = 1_800_000_000_000 - (1_800_000_000_000 % hour);
const key = { connectionId: 'shop', signal: 'size.bytes', subject: '' };

function sample(at: number, value: number, values: Partial<HistorySample> = {}): HistorySample {
  return { ...key, unit: 'bytes', at, value, ...values };
}

describe('the history in SQLite', function () {
  let folder: string;
  let store: HistoryStore;
  const warnings: string[] = [];
  const log = {
    debug: () => undefined,
    info: () => undefined,
    error: () => undefined,
    warn: (text: string) => void warnings.push(text),
  };
  before(function () {
    if (!findSqlite()) this.skip();
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'dbops-history-'));
    store = openHistory(path.join(folder, 'deep', 'er'), log);
    warnings.length = 0;
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = (largest?: number): HistoryStore => openHistory(path.join(folder, 'deep', 'er'), log, largest);
  const file = (): string => path.join(folder, 'deep', 'er', 'history.db');

  it('keeps each number, and its five minutes and hours with lowest, mean and highest', () => {
    assert.equal(store.memoryOnly, undefined);
    // One a minute, with a peak in the eighth; written in pieces that fit no stretch.
    const values = Array.from({ length: 130 }, (_, i) => sample(start + i * minute, i === 7 ? 1000 : i));
    for (let i = 0; i < values.length; i += 7) store.append(values.slice(i, i + 7), start + (i + 7) * minute);
    const now = start + 130 * minute;
    const raw = store.read(key, 0, now, 'raw');
    assert.deepEqual(
      [raw.length, raw[7]],
      [130, { at: start + 7 * minute, min: 1000, mean: 1000, max: 1000, count: 1 }],
    );
    const five = store.read(key, 0, now, 'five minutes');
    assert.equal(five.length, 26);
    assert.deepEqual(five[1], {
      at: start + 5 * minute,
      min: 5,
      mean: (5 + 6 + 1000 + 8 + 9) / 5,
      max: 1000,
      count: 5,
    });
    const hours = store.read(key, 0, now, 'hour');
    assert.deepEqual(
      hours.map(({ min, max, count }) => [min, max, count]),
      [
        [0, 1000, 60],
        [60, 119, 60],
        [120, 129, 10],
      ],
    );
    assert.ok(Math.abs((hours[1]?.mean ?? 0) - 89.5) < 1e-9);
    assert.deepEqual(
      store.read(key, start + minute, start + 2 * minute, 'raw').map(({ mean }) => mean),
      [1],
    );
  });

  it('survives a reload and forgets detail in time, not the past', () => {
    for (let i = 0; i < 48; i++) store.append([sample(start + i * hour, i)], start + i * hour);
    store.close();
    store = open();
    const now = start + 48 * hour;
    store.append([sample(now, 48)], now);
    assert.equal(store.read(key, 0, now + 1, 'raw').length, 25);
    assert.equal(store.read(key, 0, now + 1, 'hour').length, 49);
    const later = now + 20 * day;
    store.append([sample(later, 7)], later);
    store.append([], later);
    assert.deepEqual(
      [store.read(key, 0, later + 1, 'five minutes').length, store.read(key, 0, later + 1, 'hour').length],
      [1, 50],
    );
    assert.deepEqual(
      store.read(key, start, start + hour, 'hour').map(({ mean }) => mean),
      [0],
    );
    store.append([], later + keptMs.hour + day);
    assert.deepEqual(store.series('shop'), []);
  });

  it('does not spoil an old stretch whose samples are partly gone', () => {
    store.append(
      [sample(start, 10), sample(start + 2 * minute, 20), sample(start + 4 * minute, 30)],
      start + 4 * minute,
    );
    const next = start + day + 3 * minute;
    store.append([sample(next, 99)], next);
    store.append([sample(next + minute, 99)], next + minute);
    assert.deepEqual(store.read(key, start, start + hour, 'five minutes'), [
      { at: start, min: 10, mean: 20, max: 30, count: 3 },
    ]);
  });

  it('lets one window write a connection, and another one go on when it is gone', () => {
    const other = open();
    store.append([sample(start, 1)], start);
    other.append([sample(start + 1, 2), sample(start + 2, 3, { connectionId: 'other' })], start);
    store.append([sample(start + 3, 4, { connectionId: 'other' })], start);
    const all = (id: string): number[] =>
      store.read({ ...key, connectionId: id }, 0, start + day, 'raw').map(({ mean }) => mean);
    assert.deepEqual([all('shop'), all('other')], [[1], [3]]);
    other.append([sample(start + minute, 5)], start + minute);
    assert.deepEqual(all('shop'), [1, 5]);
    store.append([sample(start + minute, 6)], start + minute);
    assert.deepEqual(all('shop'), [1, 5]);
    assert.deepEqual(
      other.read(key, 0, start + day, 'five minutes').map(({ count }) => count),
      [2],
    );
    assert.deepEqual(
      [store.claim('m', 1000, start), other.claim('m', 1000, start), other.claim('m', 1000, start + 1000)],
      [true, false, true],
    );
    other.close();
  });

  it('says at once when another window holds the file, and takes the samples later', () => {
    const blocker = new (findSqlite()!.DatabaseSync)(file());
    blocker.exec('BEGIN IMMEDIATE');
    const began = Date.now();
    assert.throws(() => store.append([sample(start, 1)], start), /locked/);
    assert.ok(Date.now() - began < 1000);
    assert.deepEqual(store.read(key, 0, start + 1, 'raw'), [], 'reading does not wait');
    blocker.exec('COMMIT');
    blocker.close();
    store.append([sample(start, 1)], start);
    assert.equal(store.read(key, 0, start + 1, 'raw').length, 1);
  });

  it('stays within its size: detail goes first, then what is oldest', function () {
    this.timeout(60_000);
    store.close();
    const limit = 2 * 1024 * 1024;
    store = open(limit);
    let now = start;
    for (let round = 0; round < 300; round++) {
      now += 5 * minute;
      const batch: HistorySample[] = [];
      for (let i = 0; i < 60; i++) {
        for (let s = 0; s < 10; s++) batch.push(sample(now + s * 30_000, s, { signal: `signal-${i}` }));
      }
      store.append(batch, now);
    }
    const one = { ...key, signal: 'signal-5' };
    assert.ok(statSync(file()).size < limit * 1.25, `${statSync(file()).size}`);
    assert.ok(store.read(one, 0, now + day, 'hour').length >= 10);
    const raw = store.read(one, 0, now + day, 'raw');
    assert.ok(raw.length > 10 && (raw[0]?.at ?? 0) > start + hour);
    const all = readHistory(store, one, start, now);
    assert.ok((all[0]?.at ?? Infinity) < (raw[0]?.at ?? 0), 'the coarse past stands before the detail');
    assert.deepEqual(
      all.map(({ at }) => at),
      all.map(({ at }) => at).sort((a, b) => a - b),
    );
  });

  it('survives kill -9 in the middle of writing', async function () {
    this.timeout(30_000);
    const script = path.join(projectRoot, 'test', 'unit', 'history', 'endless-writer.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, path.join(folder, 'deep', 'er')], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let written = '';
    child.stdout.on('data', (data: Buffer) => (written += data.toString()));
    while (written.split('\n').length < 50) await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const said = Number(written.trimEnd().split('\n').at(-2));
    const found = store.read({ ...key, signal: 'endless' }, 0, Number.MAX_SAFE_INTEGER, 'raw');
    assert.ok(found.length >= said, `${found.length} of ${said}`);
    store.append([sample(start, 1)], start);
    assert.equal(store.memoryOnly, undefined);
  });

  it('puts a damaged file aside, leaves one of a newer version alone, and never fails to open', () => {
    store.append([sample(start, 1)], start);
    store.close();
    writeFileSync(file(), 'this is no database, though it is long enough to look like one '.repeat(100));
    store = open();
    assert.equal(store.memoryOnly, undefined);
    assert.match(readFileSync(`${file()}.damaged`, 'utf8'), /^this is no database/);
    store.close();
    const newer = new (findSqlite()!.DatabaseSync)(file());
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    store = open();
    assert.match(store.memoryOnly ?? '', /newer version/);
    store.append([sample(start, 1)], start);
    assert.equal(store.read(key, 0, start + 1, 'raw').length, 1);
    store.close();
    writeFileSync(path.join(folder, 'a-file'), '');
    store = openHistory(path.join(folder, 'a-file'), log);
    assert.match(store.memoryOnly ?? '', /cannot be opened/);
    assert.equal(warnings.length, 3);
    assert.match(openHistory(folder, log, undefined, undefined).memoryOnly ?? 'persistent', /persistent|no SQLite/);
    assert.ok(existsSync(file()));
  });

  it('forgets a connection', () => {
    store.append([sample(start, 1), sample(start, 2, { connectionId: 'other' })], start);
    store.forget('shop');
    assert.deepEqual([store.series('shop'), store.series('other').length], [[], 1]);
    store.append([sample(start, 1)], start);
    assert.equal(store.read(key, 0, start + 1, 'five minutes').length, 1);
  });
});
