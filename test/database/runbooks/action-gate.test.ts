import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { ConnectionProfile } from '../../../src/core/connection/profile';
import { locksStatement, type LockState } from '../../../src/core/health/blocking';
import { buildLockState } from '../../../src/core/health/blocking-graph';
import type { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import { systemClock } from '../../../src/core/ports/clock';
import { ActionGate, type Outcome } from '../../../src/core/runbooks/action-gate';
import { lockVerdict } from '../../../src/core/runbooks/lock-verdict';
import { freeze, type Victim } from '../../../src/core/runbooks/session-actions';
import { ScriptedPrompts } from '../../../src/vscode/scripted-prompts';
import { idleInTransaction, lockChain, lockWaiters, longQuery, until } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { profileOf, quietLog, realMonitor, TestProfiles } from '../support/monitor';

for (const major of testedMajors) {
  describe(`acting on sessions of PostgreSQL ${major}`, () => {
    let lab: Lab;
    let monitor: ConnectionMonitor;
    const prompts = new ScriptedPrompts();
    const log: string[] = [];
    let gate: ActionGate;
    before(async () => {
      lab = await sharedLab({ major, standbys: 1 });
      const base = (id: string, user: string): ConnectionProfile => profileOf(lab.primary, id, { user });
      monitor = realMonitor(
        new TestProfiles([
          base('super', 'postgres'),
          base('plain', 'plain'),
          base('monitor', 'monitor'),
          { ...base('shop-prod', 'postgres'), environment: 'production' },
          { ...base('locked', 'postgres'), readOnly: true },
        ]),
        60_000,
      );
      gate = new ActionGate(monitor, prompts, systemClock, { ...quietLog, info: (message) => log.push(message) });
    });
    after(() => monitor.close());
    beforeEach(() => {
      log.length = 0;
      prompts.script();
    });

    const graph = async (id = 'super'): Promise<LockState> =>
      buildLockState(await (await monitor.session(id)).read(locksStatement(major)), false);

    /** Any session as a victim, as a listing would have frozen it. */
    async function victim(pid: number): Promise<Victim> {
      const [row] = await lab.primary.run<Record<string, string>>(
        `SELECT to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' AS start, backend_type, usename, state, query FROM pg_stat_activity WHERE pid = $1`,
        [pid],
      );
      assert.ok(row);
      return {
        pid,
        backendStart: row['start']!,
        backendType: row['backend_type']!,
        user: row['usename'] ?? null,
        database: 'postgres',
        application: '',
        clientAddress: null,
        state: row['state'] ?? null,
        stateAgeS: 1,
        transactionAgeS: 1,
        query: row['query'] ?? null,
        holdsUp: 0,
      };
    }
    const lives = async (pid: number): Promise<boolean> =>
      (await lab.primary.run('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid])).length === 1;
    const refusedBecause = (outcome: Outcome, pattern: RegExp): void => {
      assert.equal(outcome.kind, 'refused', outcome.message);
      assert.match(outcome.message, pattern);
      assert.deepEqual(prompts.asked, [], 'refused before anyone is asked');
    };

    it('frees a chain by its root and leaves the innocent untouched', async () => {
      const chain = await lockChain(lab.primary, { ddl: true, table: 'freed' });
      const state = await graph();
      const { recommended } = lockVerdict(state);
      assert.deepEqual([recommended?.pid, recommended?.action], [chain.pids.a, 'terminate']);
      const innocent = await Promise.all([chain.pids.b, chain.pids.c].map(victim));
      prompts.script(true);
      const outcome = await gate.signal('super', freeze(state.sessions.get(chain.pids.a)!), 'cancel');
      assert.equal(outcome.kind, 'done', outcome.message);
      assert.match(outcome.sql ?? '', /pg_terminate_backend/, 'a cancel of an idle session becomes a termination');
      const [asked] = prompts.asked;
      assert.ok(asked?.kind === 'confirm');
      assert.match(asked.question.detail, /holds up 3 sessions/);
      assert.match(asked.question.detail, /a cancel would return true and do nothing/);
      assert.match(asked.question.sql ?? '', new RegExp(`\\$1 = ${chain.pids.a}\\n-- \\$2 = "\\d{4}-`));
      await until('B has its lock', async () => (await lockWaiters(lab.primary)) < 3);
      assert.equal(await lives(chain.pids.a), false);
      for (const before of innocent) assert.equal((await victim(before.pid)).backendStart, before.backendStart);
      assert.match(log.join('\n'), new RegExp(`Action on super \\(development\\): cancel ${chain.pids.a} .*: done`));
      await chain.heal();
    });

    it('cancels queued DDL, and the readers before it go on', async () => {
      await lab.primary.run('CREATE TABLE IF NOT EXISTS read_here (i int)');
      const clients = await Promise.all([1, 2, 3, 4, 5].map(() => lab.primary.connect()));
      const [r1, r2, ddl, w1, w2] = clients as [pg.Client, pg.Client, pg.Client, pg.Client, pg.Client];
      for (const reader of [r1, r2]) await reader.query('BEGIN; SELECT * FROM read_here');
      const altering = ddl.query('ALTER TABLE read_here ADD COLUMN IF NOT EXISTS j int').then(
        () => 'done',
        (error: unknown) => (error as { code?: string }).code,
      );
      await until('the DDL waits', async () => (await lockWaiters(lab.primary)) === 1);
      const reading = [w1, w2].map((client) => client.query('SELECT * FROM read_here'));
      await until('two more wait', async () => (await lockWaiters(lab.primary)) === 3);
      const state = await graph();
      assert.equal(
        [...state.sessions.values()].reduce((sum, session) => sum + session.blockedBy.length, 0),
        4,
        'four edges',
      );
      const { recommended } = lockVerdict(state);
      assert.deepEqual([recommended?.pid, recommended?.action], [await backendPid2(ddl), 'cancel']);
      prompts.script(true);
      const outcome = await gate.signal('super', freeze(state.sessions.get(recommended!.pid)!), 'cancel');
      assert.equal(outcome.kind, 'done', outcome.message);
      assert.equal(await altering, '57014');
      await Promise.all(reading);
      await r1.query('SELECT 1');
      await Promise.all(clients.map((client) => client.end()));
    });

    it('does not touch another backend that has the pid now', async () => {
      const fault = await longQuery(lab.primary);
      const frozen = await victim(fault.pid);
      const outcome = await gate.signal(
        'super',
        {
          ...frozen,
          backendStart: frozen.backendStart!.replace(/\.(\d)/, (_, digit: string) => `.${(Number(digit) + 1) % 10}`),
        },
        'terminate',
      );
      assert.equal(outcome.kind, 'already-gone');
      assert.equal(await lives(fault.pid), true);
      await fault.heal();
      assert.equal((await gate.signal('super', frozen, 'terminate')).kind, 'already-gone');
    });

    it('keeps the identity whatever date style the role has', async () => {
      await lab.primary.run(
        "ALTER ROLE monitor SET DateStyle = 'German'; ALTER ROLE monitor SET TimeZone = 'Asia/Kathmandu'",
      );
      const fault = await longQuery(lab.primary);
      const frozen = await victim(fault.pid);
      refusedBecause(
        await gate.signal('monitor', frozen, 'cancel'),
        /superuser postgres: only a superuser may signal it/,
      );
      await lab.primary.run('ALTER ROLE monitor RESET ALL');
      await fault.heal();
    });

    it('refuses what must not be signalled', async () => {
      const sender = await lab.primary.run<{ pid: number }>('SELECT pid FROM pg_stat_replication');
      refusedBecause(await gate.signal('super', await victim(sender[0]!.pid), 'terminate'), /walsender/);
      const own = (await monitor.session('super')).capabilities.backendPid;
      refusedBecause(await gate.signal('super', await victim(own), 'terminate'), /session of the panel itself/);
      const [checkpointer] = await lab.primary.run<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
      );
      refusedBecause(
        await gate.signal('super', await victim(checkpointer!.pid), 'terminate'),
        /checkpointer, not a client/,
      );
      refusedBecause(
        await gate.signal('super', { ...(await victim(own)), pid: 0, backendStart: null }, 'terminate'),
        /ROLLBACK PREPARED/,
      );
    });

    it('says before the click which privilege is missing', async () => {
      const fault = await idleInTransaction(lab.primary, { user: 'monitor' });
      const frozen = await victim(fault.pid);
      const outcome = await gate.signal('plain', frozen, 'terminate');
      assert.ok(['refused', 'already-gone'].includes(outcome.kind));
      assert.equal(await lives(fault.pid), true);
      const other = await idleInTransaction(lab.primary, { user: 'plain' });
      refusedBecause(await gate.signal('monitor', await victim(other.pid), 'terminate'), /Grant it pg_signal_backend/);
      await Promise.all([fault.heal(), other.heal()]);
    });

    it('refuses on a read-only connection and says how to allow it', async () => {
      const fault = await longQuery(lab.primary);
      refusedBecause(await gate.signal('locked', await victim(fault.pid), 'cancel'), /read-only.*Edit Connection/);
      await fault.heal();
    });

    it('wants the typed name on production, and does nothing without it', async () => {
      const fault = await longQuery(lab.primary);
      const frozen = await victim(fault.pid);
      prompts.script('shop-dev');
      assert.equal((await gate.signal('shop-prod', frozen, 'cancel')).kind, 'backed-out');
      await sleep(50);
      assert.equal((await victim(fault.pid)).state, 'active');
      prompts.script('shop-prod');
      assert.equal((await gate.signal('shop-prod', frozen, 'cancel')).kind, 'done');
      const [asked] = prompts.asked;
      assert.ok(asked?.kind === 'confirm' && asked.question.typedName === 'shop-prod');
      assert.notEqual((await victim(fault.pid)).state, 'active');
      await fault.heal();
    });
  });
}

/** The pid of a client whose connection is busy, as the protocol told it. */
async function backendPid2(client: pg.Client): Promise<number> {
  return Promise.resolve((client as unknown as { processID: number }).processID);
}
