import assert from 'node:assert/strict';
import type pg from 'pg';
import type { LockState } from '../../../src/core/health/blocking';
import { locksStatement } from '../../../src/core/health/blocking';
import { evaluateLocks } from '../../../src/core/health/blocking-evaluation';
import { buildLockState } from '../../../src/core/health/blocking-graph';
import type { Session } from '../../../src/core/ports/session';
import { backendPid, lockWaiters, until } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { labOpener, profileOf } from '../support/monitor';

for (const major of testedMajors) {
  describe(`the blocking graph of PostgreSQL ${major}`, () => {
    let lab: Lab;
    let full: Session;
    let plain: Session;
    let clients: pg.Client[] = [];
    before(async () => {
      lab = await sharedLab({ major, settings: { max_prepared_transactions: '5' } });
      const signal = new AbortController().signal;
      full = await labOpener.open(profileOf(lab.primary, 'full', { user: 'monitor' }), signal);
      plain = await labOpener.open(profileOf(lab.primary, 'plain', { user: 'plain' }), signal);
      await lab.primary.run('CREATE TABLE IF NOT EXISTS truth (id int PRIMARY KEY, n int)');
      await lab.primary.run('INSERT INTO truth VALUES (1, 1), (2, 2), (3, 3) ON CONFLICT DO NOTHING');
    });
    after(async () => {
      await Promise.all([full.close(), plain.close()]);
    });
    beforeEach(async () => {
      clients = await Promise.all(Array.from({ length: 5 }, () => lab.primary.connect()));
    });
    afterEach(async () => {
      for (const client of clients) {
        await lab.primary.run('SELECT pg_cancel_backend($1)', [await pidOf(client)]).catch(() => undefined);
      }
      await Promise.all(clients.map((client) => client.end()));
    });

    const pids = new WeakMap<pg.Client, number>();
    const pidOf = async (client: pg.Client): Promise<number> => {
      const pid = pids.get(client) ?? (await backendPid(client));
      pids.set(client, pid);
      return pid;
    };
    const read = async (session: Session, limit?: number): Promise<LockState> =>
      buildLockState(await session.read(locksStatement(major, limit)), !session.capabilities.seesAllSessions);
    const waits = async (client: pg.Client, text: string): Promise<void> => {
      await pidOf(client);
      const before = await lockWaiters(lab.primary);
      client.query(text).catch(() => undefined);
      await until('it waits', async () => (await lockWaiters(lab.primary)) > before);
    };
    const edges = (state: LockState): string[] =>
      [...state.sessions.values()].flatMap(({ pid, blockedBy }) => blockedBy.map((by) => `${pid}<${by}`)).sort();

    it('has 2 edges for a row lock with innocent writers on the same table', async () => {
      const [holder, first, second, innocent, another] = clients as [
        pg.Client,
        pg.Client,
        pg.Client,
        pg.Client,
        pg.Client,
      ];
      await holder.query('BEGIN; UPDATE truth SET n = 0 WHERE id = 1');
      await innocent.query('BEGIN; UPDATE truth SET n = 0 WHERE id = 2');
      await another.query('BEGIN; UPDATE truth SET n = 0 WHERE id = 3');
      await waits(first, 'UPDATE truth SET n = 1 WHERE id = 1');
      await waits(second, 'UPDATE truth SET n = 2 WHERE id = 1');
      const state = await read(full);
      const [root, one, two] = [await pidOf(holder), await pidOf(first), await pidOf(second)];
      assert.deepEqual(state.roots, [root]);
      assert.equal(edges(state).length, 2, edges(state).join());
      assert.equal(state.sessions.get(root)?.holdsUp, 2);
      assert.ok(!state.sessions.has(await pidOf(innocent)) && !state.sessions.has(await pidOf(another)));
      assert.deepEqual([...state.sessions.keys()].sort(), [root, one, two].sort());
    });

    it('has 4 edges for an ALTER behind 2 readers, and cancelling the ALTER frees all', async () => {
      const [reader, other, ddl, late, later] = clients as [pg.Client, pg.Client, pg.Client, pg.Client, pg.Client];
      await reader.query('BEGIN; SELECT count(*) FROM truth');
      await other.query('BEGIN; SELECT count(*) FROM truth');
      await waits(ddl, 'ALTER TABLE truth ADD COLUMN note text');
      await waits(late, 'SELECT count(*) FROM truth');
      await waits(later, 'SELECT count(*) FROM truth');
      const state = await read(full);
      const alter = await pidOf(ddl);
      assert.deepEqual(
        edges(state),
        [
          `${alter}<${await pidOf(reader)}`,
          `${alter}<${await pidOf(other)}`,
          `${await pidOf(late)}<${alter}`,
          `${await pidOf(later)}<${alter}`,
        ].sort(),
      );
      assert.deepEqual([...state.roots].sort(), [await pidOf(reader), await pidOf(other)].sort());
      const seen = await read(plain);
      assert.deepEqual(edges(seen), edges(state), 'the edges are no secret');
      assert.equal(seen.limited, true);
      assert.equal(seen.sessions.get(alter)?.state, null);
      assert.match(evaluateLocks(seen).summary, /limited view/);
      assert.notEqual(evaluateLocks(seen).severity, 'ok');
      const part = await read(full, 1);
      assert.deepEqual([part.waiting, part.truncated], [3, true]);
      assert.deepEqual([...part.roots].sort(), [...state.roots].sort(), 'the longest waiter leads to the roots');
      const spared = buildLockState(await full.read(locksStatement(major, 50, 3)), false);
      assert.deepEqual([spared.waiting, spared.truncated], [3, false], 'a short queue is followed whole');
      await lab.primary.run('SELECT pg_cancel_backend($1)', [alter]);
      await until('nobody waits', async () => (await read(full)).waiting === 0);
    });

    it('shows a prepared transaction as its root', async () => {
      const [holder, victim] = clients as [pg.Client, pg.Client];
      await holder.query('BEGIN; UPDATE truth SET n = 9 WHERE id = 1');
      await holder.query(`PREPARE TRANSACTION 'order "17"'`);
      await waits(victim, 'UPDATE truth SET n = 8 WHERE id = 1');
      const state = await read(full);
      await lab.primary.run(`ROLLBACK PREPARED 'order "17"'`);
      assert.deepEqual(state.roots, [0]);
      assert.deepEqual(state.sessions.get(0)?.preparedTransactions, ['order "17"']);
      assert.deepEqual(state.sessions.get(await pidOf(victim))?.blockedBy, [0]);
    });
  });
}
