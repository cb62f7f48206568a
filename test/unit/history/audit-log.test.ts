import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditEntry } from '../../../src/core/history/audit-log';
import { MemoryHistory } from '../../../src/core/history/memory-history';
import { openHistory } from '../../../src/files/open-history';
import { findSqlite, type SqliteDatabase } from '../../../src/files/sqlite';

const quiet = { debug: () => undefined, info: () => undefined, error: () => undefined, warn: () => undefined };

function entry(id: string, at: number, values: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id,
    at,
    endedAt: null,
    osUser: 'ann',
    connectionId: 'shop',
    takenFor: 'shop',
    connection: 'shop "prod"',
    environment: 'production',
    role: 'dba',
    backendPid: 42,
    action: 'drop the slot',
    statement: "SELECT pg_drop_replication_slot('x''y')",
    outcome: 'sent',
    message: '',
    ...values,
  };
}

describe('the log of actions', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'dbops-audit-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps what was sent over a crash, its result when it comes, and outlives the connection', function () {
    if (!findSqlite()) this.skip();
    const sent = entry('a', 1000);
    const first = openHistory(folder, quiet);
    first.record(sent);
    // Another window, as after a crash: nothing was closed.
    const second = openHistory(folder, quiet);
    assert.deepEqual(second.actions('shop', 0, 2000), [sent]);
    const result = { ...sent, endedAt: 1500, outcome: 'done', message: 'It is gone.' };
    first.record(result);
    first.record(entry('b', 1200, { connectionId: 'other', takenFor: 'other' }));
    first.record(entry('c', 500));
    assert.deepEqual(second.actions('shop', 0, 2000), [entry('c', 500), result], 'oldest first, of this connection');
    assert.deepEqual(second.actions('shop', 1000, 1000), []);
    second.forget('shop');
    assert.equal(second.actions('shop', 0, 2000).length, 2, 'numbers are forgotten, deeds are not');
    first.close();
    second.close();
  });

  it('gives what was done on a standby to the incident of its primary too, and to no other', () => {
    const files = openHistory(folder, quiet);
    for (const store of [files, new MemoryHistory('none')]) {
      store.record(entry('a', 1, { connectionId: 'replica', takenFor: 'shop' }));
      for (const [id, expected] of [
        ['shop', 1],
        ['replica', 1],
        ['other', 0],
      ] as const)
        assert.equal(store.actions(id, 0, 2).length, expected, id);
      assert.equal(store.actions('shop', 0, 2)[0]?.connectionId, 'replica');
    }
    files.close();
  });

  it('is added to a history of the version before, whose numbers stay', function () {
    const sqlite = findSqlite();
    if (!sqlite) this.skip();
    openHistory(folder, quiet).close();
    const old: SqliteDatabase = new sqlite.DatabaseSync(path.join(folder, 'history.db'));
    old.exec(
      "DROP TABLE audit; INSERT INTO series VALUES (1, 'shop', 'pool.used', '', 'count'); PRAGMA user_version = 1",
    );
    old.close();
    const store = openHistory(folder, quiet);
    assert.equal(store.memoryOnly, undefined);
    assert.equal(store.series('shop').length, 1);
    store.record(entry('a', 1));
    assert.equal(store.actions('shop', 0, 2).length, 1);
    store.close();
  });

  it('is in memory where there is no SQLite', () => {
    const store = new MemoryHistory('none');
    store.record(entry('a', 1));
    store.record(entry('a', 1, { outcome: 'done' }));
    assert.deepEqual(
      store.actions('shop', 0, 2).map(({ outcome }) => outcome),
      ['done'],
    );
    assert.deepEqual(store.actions('shop', 2, 3), []);
  });
});
