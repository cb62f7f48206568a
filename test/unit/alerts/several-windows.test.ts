import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AlertBook } from '../../../src/core/alerts/alert-book';
import { longestUnseenMs } from '../../../src/core/alerts/decision-store';
import type { HistoryStore } from '../../../src/core/history/history-store';
import { Emitter } from '../../../src/core/ports/emitter';
import { openHistory } from '../../../src/files/open-history';
import { findSqlite } from '../../../src/files/sqlite';
import { FakeClock } from '../../database/support/fake-clock';
import { quietLog } from '../../database/support/monitor';
import { finding, outcome } from './findings';

const second = 1000;
const minute = 60 * second;
const full = outcome([finding()]);
const fine = outcome([finding({ severity: 'ok', words: '3/97 sessions' })]);

describe('alerts in several windows', () => {
  let folder: string;
  let clock: FakeClock;
  let windows: Window[];

  /** One window: its own book, its own handle on the one file. */
  class Window {
    readonly told: string[] = [];
    readonly history: HistoryStore;
    readonly book: AlertBook;
    constructor(stored?: unknown) {
      this.history = openHistory(folder, quietLog);
      assert.equal(this.history.memoryOnly, undefined);
      const settings = { overrides: [], notifyFrom: 'critical' as const, maintenance: [], contacts: {} };
      const onDidChange = new Emitter<void>().event;
      this.book = new AlertBook(clock, { ...settings, onDidChange }, stored, this.history.decisions);
      this.book.onDidNotify((incidents) => this.told.push(...incidents.map(({ words }) => words)));
      windows.push(this);
    }
    close(): unknown {
      const stored: unknown = JSON.parse(JSON.stringify(this.book.toJSON()));
      windows = windows.filter((one) => one !== this);
      this.book.dispose();
      this.history.close();
      return stored;
    }
  }

  before(function () {
    if (!findSqlite()) this.skip();
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'dbops-windows-'));
    clock = new FakeClock();
    windows = [];
  });
  afterEach(() => {
    for (const window of [...windows]) window.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const watch = (ms: number, seen = full): void => {
    for (let passed = 0; passed < ms; passed += 5 * second) {
      clock.advance(5 * second);
      for (const { book } of windows) book.observe('shop', [seen]);
    }
    clock.advance(2 * second);
  };
  const incidentOf = ({ book }: Window): AlertBook['incidents'][number] => book.incidents[0]!;

  it('are told by one of them, however many watch and however long it lasts', () => {
    const all = [new Window(), new Window(), new Window()];
    watch(40 * minute);
    assert.deepEqual(
      all.flatMap(({ told }) => told),
      ['97/97 sessions'],
    );
    assert.deepEqual(
      all.map(({ book }) => book.incidents.length),
      [1, 1, 1],
    );
    watch(5 * minute, fine);
    watch(5 * minute);
    assert.equal(all.flatMap(({ told }) => told).length, 2, 'the next incident is told again');
  });

  it('are acknowledged, snoozed and silenced in all of them, with who did it and when', () => {
    const [a, b] = [new Window(), new Window()];
    watch(minute);
    const at = clock.now();
    a.book.acknowledge(incidentOf(a).id, 'mira');
    watch(minute);
    assert.deepEqual([incidentOf(b).acknowledgedBy, incidentOf(b).acknowledgedAt], ['mira', at]);
    b.book.mute(incidentOf(b).key);
    watch(minute);
    assert.deepEqual(a.book.mutedKeys, b.book.mutedKeys);
    a.book.unmute(incidentOf(a).key);
    watch(minute);
    assert.deepEqual(b.book.mutedKeys, []);
  });

  it('are told again when a snooze is over, once, by whichever window', () => {
    const [a, b] = [new Window(), new Window()];
    watch(minute);
    assert.equal(a.told.length + b.told.length, 1);
    b.book.snooze(incidentOf(b).id, 15 * minute);
    watch(14 * minute);
    assert.equal(a.told.length + b.told.length, 1);
    assert.notEqual(incidentOf(a).snoozedUntil, null);
    watch(5 * minute);
    assert.equal(a.told.length + b.told.length, 2);
  });

  it('go on after a reload: not told again, and the acknowledgement is not forgotten', () => {
    const a = new Window();
    watch(minute);
    a.book.acknowledge(incidentOf(a).id, 'mira');
    const after = new Window(a.close());
    watch(30 * minute);
    assert.deepEqual(after.told, []);
    assert.equal(incidentOf(after).acknowledgedBy, 'mira');
  });

  it('go on after a crash that lost the state of the window', () => {
    const a = new Window();
    watch(minute);
    a.book.acknowledge(incidentOf(a).id, 'mira');
    a.close();
    const after = new Window();
    watch(30 * minute);
    assert.deepEqual(after.told, []);
    assert.equal(incidentOf(after).acknowledgedBy, 'mira');
  });

  it('are told when such a crash is long ago: what was decided then was about another incident', () => {
    const a = new Window();
    watch(minute);
    a.close();
    clock.advance(longestUnseenMs + minute);
    const after = new Window();
    watch(minute);
    assert.deepEqual(after.told, ['97/97 sessions']);
  });

  it('are told where the file cannot be used any more', () => {
    const a = new Window();
    a.history.close();
    watch(minute);
    assert.deepEqual(a.told, ['97/97 sessions']);
    a.close = () => undefined;
  });

  it('find the tables of the version before', () => {
    const sqlite = findSqlite()!;
    const first = openHistory(folder, quietLog);
    first.close();
    const database = new sqlite.DatabaseSync(path.join(folder, 'history.db'));
    database.exec(
      'DROP TABLE decision; DROP TABLE mute; DROP INDEX audit_for; ALTER TABLE audit DROP COLUMN taken_for; PRAGMA user_version = 2',
    );
    database.close();
    const window = new Window();
    watch(minute);
    assert.equal(window.told.length, 1);
    assert.equal(window.history.decisions.read(clock.now()).size, 1);
  });
});
