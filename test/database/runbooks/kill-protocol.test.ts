import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type pg from 'pg';
import { ActionGate } from '../../../src/core/runbooks/action-gate';
import { locksStatement } from '../../../src/core/health/blocking';
import { buildLockState } from '../../../src/core/health/blocking-graph';
import { MemoryHistory } from '../../../src/core/history/memory-history';
import type { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import { systemClock } from '../../../src/core/ports/clock';
import { freeze, type Victim } from '../../../src/core/runbooks/session-actions';
import { ScriptedPrompts } from '../../../src/vscode/scripted-prompts';
import { backendPid, lockWaiters, until } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { profileOf, quietLog, realMonitor, TestProfiles } from '../support/monitor';

/** What is hard to come by: a pid that another backend has by now, and a vacuum against wraparound. */
describe('the kill protocol at its edges', function () {
  this.timeout(60_000);
  let lab: Lab;
  let monitor: ConnectionMonitor;
  let gate: ActionGate;
  const prompts = new ScriptedPrompts();
  const audit = new MemoryHistory('a test');
  before(async () => {
    lab = await startLab({ settings: { autovacuum_freeze_max_age: '100000', autovacuum_naptime: '1' } });
    monitor = realMonitor(new TestProfiles([profileOf(lab.primary, 'super')]), 60_000);
    const auditor = { osUser: 'tester', log: () => Promise.resolve(audit) };
    gate = new ActionGate(monitor, prompts, systemClock, quietLog, auditor);
    await lab.primary.run('CREATE TABLE held (i int); INSERT INTO held VALUES (1)');
  });
  after(async () => {
    await monitor.close();
    await lab.stop();
  });
  beforeEach(() => prompts.script());

  /** A session of the blocking graph, as a person has it on the screen. */
  async function listed(pid: number): Promise<Victim> {
    const waiter = await lab.primary.connect({ applicationName: 'waiter' });
    const waits = waiter.query('UPDATE held SET i = 3').catch(() => undefined);
    await until('it waits', async () => (await lockWaiters(lab.primary)) > 0);
    const state = buildLockState(await (await monitor.session('super')).read(locksStatement(18)), false);
    const session = state.sessions.get(pid);
    await lab.primary.run('SELECT pg_cancel_backend($1)', [await pidOf(waiter)]);
    await waits;
    await waiter.end();
    assert.ok(session, `${pid} is in the graph`);
    return freeze(session);
  }
  const pidOf = (client: pg.Client): Promise<number> =>
    Promise.resolve((client as unknown as { processID: number }).processID);

  async function holder(): Promise<{ client: pg.Client; pid: number }> {
    const client = await lab.primary.connect({ applicationName: 'orders-api' });
    await client.query('BEGIN; UPDATE held SET i = 2');
    return { client, pid: await backendPid(client) };
  }

  /** Another backend that has this pid now, idle in a transaction of its own; undefined where pids cannot be chosen. */
  async function another(pid: number): Promise<pg.Client | undefined> {
    await until('the first is gone', async () => {
      return (await lab.primary.run('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid])).length === 0;
    });
    for (let tries = 0; tries < 200; tries++) {
      try {
        writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
      } catch {
        return undefined;
      }
      const client = await lab.primary.connect({ applicationName: 'innocent' });
      if ((await pidOf(client)) === pid) {
        await client.query('BEGIN; SELECT 1');
        return client;
      }
      await client.end();
    }
    return undefined;
  }

  it('does not end the backend that has got the pid between the listing and the click', async function () {
    const { client, pid } = await holder();
    const victim = await listed(pid);
    await client.end();
    const innocent = await another(pid);
    if (!innocent) this.skip();
    for (const action of ['cancel', 'terminate'] as const) {
      prompts.script(true);
      const outcome = await gate.signal('super', victim, action);
      assert.equal(outcome.kind, 'already-gone', outcome.message);
      assert.equal(outcome.sql, undefined, 'nothing was sent');
    }
    assert.deepEqual(prompts.asked, [], 'nobody is asked about a session that is gone');
    assert.equal((await innocent.query('COMMIT')).command, 'COMMIT', 'it lives, with its transaction');
    await innocent.end();
  });

  it('does not end the backend that gets the pid while the person reads the question', async function () {
    const { client, pid } = await holder();
    const victim = await listed(pid);
    let innocent: pg.Client | undefined;
    const confirm = prompts.confirm.bind(prompts);
    prompts.script(true);
    prompts.confirm = async (question) => {
      await client.end();
      innocent = await another(pid);
      return confirm(question);
    };
    const outcome = await gate.signal('super', victim, 'terminate').finally(() => (prompts.confirm = confirm));
    assert.equal(outcome.kind, 'already-gone', outcome.message);
    assert.equal(prompts.asked.length, 1, 'it was asked about the first');
    if (!innocent) this.skip();
    assert.equal((await innocent.query('COMMIT')).command, 'COMMIT');
    await innocent.end();
    assert.deepEqual(audit.actions('super', 0, Infinity), [], 'nothing was sent by any of these');
  });

  it('refuses to end a vacuum that prevents wraparound, and says why', async () => {
    await lab.primary.run(
      "CREATE TABLE old AS SELECT i, repeat('x', 500) AS t FROM generate_series(1, 20000) AS i; ALTER TABLE old SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
    );
    await lab.primary.run('DO $$ BEGIN FOR i IN 1..101000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$');
    let worker: { pid: number; start: string; query: string } | undefined;
    await until(
      'a vacuum against wraparound runs',
      async () => {
        [worker] = await lab.primary.run<{ pid: number; start: string; query: string }>(
          `SELECT pid, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' AS start, query
           FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%public.old (to prevent wraparound)'`,
        );
        return worker !== undefined;
      },
      40_000,
    );
    assert.ok(worker);
    const victim: Victim = {
      pid: worker.pid,
      backendStart: worker.start,
      user: null,
      database: 'postgres',
      application: '',
      clientAddress: null,
      state: 'active',
      transactionAgeS: 1,
      query: worker.query,
      holdsUp: 1,
    };
    for (const action of ['cancel', 'terminate'] as const) {
      prompts.script(true);
      const outcome = await gate.signal('super', victim, action);
      assert.equal(outcome.kind, 'refused');
      assert.match(outcome.message, /prevents wraparound\. It must run to its end: ended, it starts again at once/);
    }
    assert.deepEqual(prompts.asked, []);
    assert.equal((await lab.primary.run('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [worker.pid])).length, 1);
  });
});
