import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { ConnectionProfile } from '../../../src/core/connection/profile';
import { locksStatement, type LockState } from '../../../src/core/health/blocking';
import { buildLockState } from '../../../src/core/health/blocking-graph';
import { MemoryHistory } from '../../../src/core/history/memory-history';
import type { ConnectionMonitor } from '../../../src/core/monitor/connection-monitor';
import { systemClock } from '../../../src/core/ports/clock';
import { ActionGate } from '../../../src/core/runbooks/action-gate';
import type { Outcome } from '../../../src/core/runbooks/outcome';
import { lockVerdict } from '../../../src/core/runbooks/lock-contention/lock-verdict';
import { actionStatement, freeze, preflightStatement, type Victim } from '../../../src/core/runbooks/session-actions';
import { ScriptedPrompts } from '../../../src/vscode/scripted-prompts';
import { idleInTransaction, lockChain, lockWaiters, longQuery, until } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { TcpProxy } from '../../lab/tcp-proxy';
import { profileOf, quietLog, realMonitor, TestProfiles } from '../support/monitor';

for (const major of testedMajors) {
  describe(`acting on sessions of PostgreSQL ${major}`, () => {
    let lab: Lab;
    let monitor: ConnectionMonitor;
    const prompts = new ScriptedPrompts();
    const log: string[] = [];
    const audit = new MemoryHistory('a test');
    let gate: ActionGate;
    let proxy: TcpProxy;
    /** Called with each entry of the log, before the gate goes on. */
    let onLog: (message: string) => void = () => undefined;
    before(async () => {
      // One of its own: it changes roles.
      lab = await startLab({ major, standbys: 1 });
      await lab.primary
        .run(`CREATE ROLE signaller LOGIN PASSWORD '${lab.primary.password}' IN ROLE pg_monitor, pg_signal_backend;
        ALTER ROLE signaller SET DateStyle = 'German'; ALTER ROLE signaller SET TimeZone = 'Asia/Kathmandu';
        ALTER ROLE signaller SET IntervalStyle = 'sql_standard';
        GRANT CREATE ON SCHEMA public TO monitor`);
      proxy = await TcpProxy.start(lab.primary);
      const base = (id: string, user: string): ConnectionProfile => profileOf(lab.primary, id, { user });
      monitor = realMonitor(
        new TestProfiles([
          base('super', 'postgres'),
          base('plain', 'plain'),
          base('monitor', 'monitor'),
          base('signaller', 'signaller'),
          profileOf(lab.primary, 'shaky', { port: proxy.port }),
          { ...base('shop-prod', 'postgres'), environment: 'production' },
          { ...base('locked', 'postgres'), readOnly: true },
        ]),
        60_000,
      );
      gate = new ActionGate(
        monitor,
        prompts,
        systemClock,
        {
          ...quietLog,
          info: (message) => {
            log.push(message);
            onLog(message);
          },
        },
        { osUser: 'tester', log: () => Promise.resolve(audit) },
      );
    });
    after(async () => {
      await monitor.close();
      await proxy.stop();
      await lab.stop();
    });
    beforeEach(() => {
      log.length = 0;
      onLog = () => undefined;
      prompts.script();
    });

    const graph = async (id = 'super'): Promise<LockState> =>
      buildLockState(await (await monitor.session(id)).read(locksStatement(major)), false);

    /** Any session as a victim, as a listing would have frozen it. */
    async function victim(pid: number): Promise<Victim> {
      const [row] = await lab.primary.run<Record<string, string>>(
        `SELECT to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' AS start, usename, state, query FROM pg_stat_activity WHERE pid = $1`,
        [pid],
      );
      assert.ok(row);
      return {
        pid,
        backendStart: row['start']!,
        user: row['usename'] ?? null,
        database: 'postgres',
        application: '',
        clientAddress: null,
        state: row['state'] ?? null,
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
      assert.match(asked.question.detail, /it held up 3 sessions/);
      assert.match(asked.question.detail, /orders-api/);
      assert.match(asked.question.detail, /a cancel would return true and do nothing/);
      assert.match(asked.question.sql ?? '', new RegExp(`\\$1 = ${chain.pids.a}\\n-- \\$2 = "\\d{4}-`));
      await until('nobody waits', async () => (await lockWaiters(lab.primary)) === 0);
      await until('all have committed', async () => {
        const rows = await lab.primary.run(
          'SELECT 1 FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid = ANY($1)',
          [[chain.pids.b, chain.pids.c, chain.pids.ddl]],
        );
        return rows.length === 0;
      });
      assert.deepEqual(
        await lab.primary.run('SELECT id, n, note FROM freed ORDER BY id'),
        [
          { id: 1, n: 1, note: null },
          { id: 2, n: 2, note: null },
        ],
        'A rolled back; B, C and the ALTER TABLE committed',
      );
      assert.equal(await lives(chain.pids.a), false);
      for (const before of innocent) assert.equal((await victim(before.pid)).backendStart, before.backendStart);
      const what = `Action on super \\(development\\) as role postgres: terminate session ${chain.pids.a} of role postgres`;
      assert.match(
        log[0]!,
        new RegExp(`^${what}, sent: SELECT pg_catalog\\.pg_terminate_backend.*\\$1 = ${chain.pids.a} .*\\$2 = `),
      );
      assert.match(log[1]!, new RegExp(`^${what}: done\\. Session ${chain.pids.a} has ended\\.$`));
      const [entry] = audit.actions('super', 0, Infinity);
      assert.ok(entry);
      assert.deepEqual(
        [entry.osUser, entry.role, entry.connection, entry.outcome, entry.statement, entry.endedAt !== null],
        ['tester', 'postgres', 'super', 'done', outcome.sql, true],
      );
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
      assert.deepEqual(
        [recommended?.pid, recommended?.action],
        [(ddl as unknown as { processID: number }).processID, 'cancel'],
      );
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
      await until('it has ended', async () => !(await lives(fault.pid)));
      assert.equal((await gate.signal('super', frozen, 'terminate')).kind, 'already-gone');
    });

    it('keeps the identity in a session of another date style and time zone', async () => {
      const fault = await longQuery(lab.primary, 600, 'slow', { user: 'plain' });
      const frozen = await victim(fault.pid);
      assert.equal((await graph('signaller')).waiting, 0);
      prompts.script(true);
      const outcome = await gate.signal('signaller', frozen, 'cancel');
      assert.equal(outcome.kind, 'done', outcome.message);
      assert.notEqual((await victim(fault.pid)).state, 'active');
      // The statement itself, in a session that really has these settings: the panel asks for others.
      const odd = await lab.primary.connect({ user: 'signaller' });
      assert.match((await odd.query<{ d: string }>('SELECT now()::text AS d')).rows[0]!.d, /^\d\d\.\d\d\.\d{4}/);
      const { text, values } = preflightStatement(frozen);
      assert.equal((await odd.query(text, [...values!])).rowCount, 1);
      const { text: sql } = actionStatement('terminate', frozen, major);
      const later = frozen.backendStart!.replace(/(\d)\+00$/, (_, digit: string) => `${(Number(digit) + 1) % 10}+00`);
      assert.equal((await odd.query(sql, [frozen.pid, later])).rowCount, 0, 'another microsecond is another session');
      assert.equal((await odd.query(sql, [frozen.pid, frozen.backendStart])).rowCount, 1);
      await until('it has ended', async () => !(await lives(fault.pid)));
      await odd.end();
      await fault.heal();
    });

    it('says before the click that a superuser may be signalled by superusers only', async () => {
      const fault = await longQuery(lab.primary);
      refusedBecause(
        await gate.signal('signaller', await victim(fault.pid), 'cancel'),
        /superuser postgres: only a superuser may signal it/,
      );
      await fault.heal();
    });

    it('does nothing to a session that has moved on while the person thought', async () => {
      const client = await lab.primary.connect({ applicationName: 'busy' });
      await client.query('BEGIN; SELECT 1');
      const frozen = await victim((client as unknown as { processID: number }).processID);
      const confirm = prompts.confirm.bind(prompts);
      prompts.script(true);
      prompts.confirm = async (question) => {
        await client.query('COMMIT');
        return confirm(question);
      };
      const outcome = await gate.signal('super', frozen, 'terminate').finally(() => (prompts.confirm = confirm));
      assert.equal(outcome.kind, 'refused');
      assert.match(outcome.message, /has ended its transaction since you were asked\. Nothing was done/);
      assert.equal((await client.query('SELECT 1')).rowCount, 1, 'alive');
      await client.end();
    });

    it('does nothing to a session that has begun a transaction while the person thought', async () => {
      const client = await lab.primary.connect({ applicationName: 'idle holder' });
      const frozen = await victim((client as unknown as { processID: number }).processID);
      const confirm = prompts.confirm.bind(prompts);
      prompts.script(true);
      prompts.confirm = async (question) => {
        await client.query('BEGIN; SELECT 1');
        return confirm(question);
      };
      const outcome = await gate.signal('super', frozen, 'terminate').finally(() => (prompts.confirm = confirm));
      assert.equal(outcome.kind, 'refused');
      assert.match(outcome.message, /has begun a transaction since you were asked\. Nothing was done/);
      assert.equal((await client.query('COMMIT')).command, 'COMMIT', 'alive');
      await client.end();
    });

    it('says that it does not know when the connection is lost in the middle', async () => {
      const fault = await idleInTransaction(lab.primary);
      const frozen = await victim(fault.pid);
      prompts.script(true);
      onLog = (message) => {
        if (message.includes(', sent: ')) proxy.cut();
      };
      const outcome = await gate.signal('shaky', frozen, 'terminate');
      assert.equal(outcome.kind, 'unknown', outcome.message);
      assert.match(outcome.message, /^Whether session \d+ was terminated is not known: .*Read the locks again\.$/);
      assert.match(log.at(-1)!, /as role postgres: terminate session \d+ of role postgres: unknown/);
      await fault.heal();
    });

    it('says when the signal was sent and the session is still there', async function () {
      if (process.platform === 'win32') this.skip();
      const fault = await longQuery(lab.primary);
      const frozen = await victim(fault.pid);
      process.kill(fault.pid, 'SIGSTOP');
      try {
        for (const action of ['cancel', 'terminate'] as const) {
          prompts.script(true);
          const outcome = await gate.signal('super', frozen, action);
          assert.equal(outcome.kind, 'still-there', outcome.message);
          assert.match(outcome.message, /The signal was sent, and after 5 s session \d+ is still at it/);
        }
      } finally {
        process.kill(fault.pid, 'SIGCONT');
      }
      await until('it has ended', async () => !(await lives(fault.pid)));
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
      const chain = await lockChain(lab.primary, { user: 'monitor', database: 'postgres', table: 'monitor_chain' });
      const hidden = (await graph('plain')).sessions.get(chain.pids.a)!;
      refusedBecause(
        await gate.signal('plain', freeze(hidden), 'terminate'),
        /does not see when the session began.*pg_monitor/,
      );
      assert.equal(await lives(chain.pids.a), true);
      const other = await idleInTransaction(lab.primary, { user: 'plain' });
      refusedBecause(
        await gate.signal('monitor', await victim(other.pid), 'terminate'),
        /may not signal the sessions of plain\. Grant it pg_signal_backend/,
      );
      await Promise.all([chain.heal(), other.heal()]);
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
