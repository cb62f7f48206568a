import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort } from '../../../src/core/ports/database-error';
import { text } from '../../../src/core/ports/row';
import { until } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { failure, open, ourSessions, pid, statement } from './opening';

for (const major of testedMajors) {
  describe(`a session on PostgreSQL ${major}`, () => {
    let lab: Lab;
    before(async () => {
      lab = await sharedLab({ major, standbys: 1 });
    });

    it('knows the capabilities of each role', async () => {
      const expected = {
        postgres: [true, true, true],
        monitor: [false, true, false],
        plain: [false, false, false],
      } as const;
      for (const [user, [superuser, seesAll, maySignal]] of Object.entries(expected)) {
        const session = await open(lab.primary, { user });
        const { capabilities } = session;
        assert.equal(capabilities.major, major);
        assert.deepEqual(
          [capabilities.superuser, capabilities.seesAllSessions, capabilities.maySignal],
          [superuser, seesAll, maySignal],
          user,
        );
        assert.equal(capabilities.pooler, false);
        assert.equal(capabilities.inRecovery, false);
        assert.equal(capabilities.extensions.get('pg_stat_statements')?.schema, 'public');
        assert.deepEqual(capabilities.preloadedLibraries, user === 'plain' ? null : ['pg_stat_statements']);
        await session.close();
      }
      const standby = await open(lab.standbys[0]!);
      assert.equal(standby.capabilities.inRecovery, true);
      await standby.close();
    });

    it('runs statements in the order they were asked, one at a time', async () => {
      const session = await open(lab.primary);
      const slow = session.read(
        statement('SELECT pg_sleep(0.2)::text AS x, clock_timestamp()::text AS at', (raw) => text(raw, 'at')),
      );
      const quick = session.read(statement('SELECT clock_timestamp()::text AS at', (raw) => text(raw, 'at')));
      assert.ok((await slow)[0]! < (await quick)[0]!);
      await session.close();
    });

    it('refuses to write, also with other time-outs', async () => {
      const session = await open(lab.primary);
      for (const extra of [{}, { timeoutMs: 1000 }]) {
        const error = await failure(session.read(statement('CREATE TABLE public.never (i int)', (raw) => raw, extra)));
        assert.equal(error.code, '25006');
        assert.equal(error.reason, 'refused');
      }
      assert.equal((await session.read(pid)).length, 1, 'the session lives on');
      await session.close();
    });

    it('ends a statement at its limit and waits for no lock', async () => {
      const session = await open(lab.primary);
      const slow = await failure(session.read(statement('SELECT pg_sleep(5)', (raw) => raw, { timeoutMs: 100 })));
      assert.equal(slow.reason, 'statement-timeout');
      const holder = await lab.primary.connect();
      await holder.query('CREATE TABLE IF NOT EXISTS held (i int)');
      await holder.query('BEGIN; LOCK TABLE held');
      const locked = await failure(
        session.read(
          statement("SELECT pg_total_relation_size('public.held') AS s", (raw) => raw, { lockTimeoutMs: 100 }),
        ),
      );
      assert.equal(locked.reason, 'lock-timeout');
      await holder.end();
      assert.equal(
        (await session.read(statement('SHOW statement_timeout', (raw) => text(raw, 'statement_timeout'))))[0],
        '5s',
      );
      await session.close();
    });

    it('cancels on the server too', async () => {
      const session = await open(lab.primary);
      const [backend] = await session.read(pid);
      const controller = new AbortController();
      const running = session.read(
        statement('SELECT pg_sleep(60)', (raw) => raw, { timeoutMs: 60_000 }),
        controller.signal,
      );
      const active = async (): Promise<boolean> =>
        (
          await lab.primary.run(
            "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query LIKE '%pg_sleep(60)%'",
            [backend],
          )
        ).length === 1;
      await until('the statement runs', active);
      controller.abort();
      await assert.rejects(running, isAbort);
      assert.equal(await active(), false);
      assert.equal((await session.read(pid))[0], backend, 'the session can be used again');
      await session.close();
    });

    it('ends once when its backend is terminated, and rejects what was queued', async () => {
      const session = await open(lab.primary);
      let ends = 0;
      session.onDidEnd(() => ends++);
      const [backend] = await session.read(pid);
      const running = failure(session.read(statement('SELECT pg_sleep(30)', (raw) => raw, { timeoutMs: 31_000 })));
      const queued = failure(session.read(pid));
      await sleep(100);
      await lab.primary.run('SELECT pg_terminate_backend($1)', [backend]);
      const told = await running;
      assert.deepEqual([told.reason, told.code], ['shutting-down', '57P01']);
      assert.equal((await queued).reason, 'connection-lost');
      await sleep(50);
      assert.equal(ends, 1);
      assert.equal(session.alive, false);
    });

    it('ends once when it is terminated while idle, and says what the server said', async () => {
      const session = await open(lab.primary);
      const ends: string[] = [];
      session.onDidEnd(({ reason }) => ends.push(reason));
      await lab.primary.run('SELECT pg_terminate_backend($1)', [session.capabilities.backendPid]);
      await until('it has ended', () => Promise.resolve(!session.alive));
      await sleep(50);
      assert.equal(ends.length, 1);
      assert.match(ends[0]!, /terminating connection due to administrator command/);
      assert.equal((await failure(session.read(pid))).reason, 'connection-lost');
    });

    it('leaves no connection behind', async () => {
      const session = await open(lab.primary);
      await session.read(pid);
      await session.close();
      await until('all of ours are gone', async () => (await ourSessions(lab.primary)) === 0);
    });

    it('reads in one round trip, without a transaction of its own', async () => {
      const session = await open(lab.primary, { user: 'monitor' });
      await lab.primary.run('SELECT pg_stat_statements_reset()');
      for (let i = 0; i < 3; i++) {
        await session.read(statement('SELECT $1::int4 AS n', (raw) => raw['n'], { values: [i] }));
      }
      const seen = await lab.primary.run<{ query: string }>(
        "SELECT query FROM pg_stat_statements WHERE userid = 'monitor'::regrole",
      );
      assert.deepEqual(
        seen.map((row) => row.query),
        ['SELECT $1::int4 AS n'],
      );
      await session.close();
    });

    it('prepares a repeated statement once and no other', async () => {
      const session = await open(lab.primary, { user: 'monitor' });
      const repeated = statement('SELECT $1::int4 AS n', (raw) => raw['n'], { repeated: true });
      for (const n of [1, 2]) assert.deepEqual(await session.read({ ...repeated, values: [n] }), [n]);
      // Within a transaction of its own, for its limit is another one.
      assert.deepEqual(await session.read({ ...repeated, values: [3], timeoutMs: 1000 }), [3]);
      await session.read(statement('SELECT 4 AS n', (raw) => raw['n']));
      const names = await session.read(
        statement('SELECT p.statement FROM pg_catalog.pg_prepared_statements AS p', (raw) => raw['statement']),
      );
      assert.deepEqual(names, [repeated.text]);
      await session.close();
    });

    it('gives values as the readers expect them', async () => {
      const session = await open(lab.primary);
      const columns = {
        flag: ['true', true],
        small: ['7::int2', 7],
        big: ['9007199254740993::int8', '9007199254740993'],
        exact: ['1.10::numeric', '1.10'],
        approximate: ['0.5::float8', 0.5],
        at: ["'2024-03-31 02:30:00.123456+02'::timestamptz", '2024-03-31 00:30:00.123456+00'],
        day: ["'2024-03-31'::date", '2024-03-31'],
        span: ["'1 day 02:03'::interval", '1 day 02:03:00'],
        missing: ['NULL::int4', null],
        pids: ['ARRAY[1,2]', [1, 2]],
        names: ["ARRAY['a','b c']::name[]", ['a', 'b c']],
        bigs: ['ARRAY[9007199254740993]', ['9007199254740993']],
        json: [`'{"a":1}'::jsonb`, { a: 1 }],
        table: ["'pg_class'::regclass", 'pg_class'],
      } as const;
      const list = Object.entries(columns).map(([name, [sql]]) => `${sql} AS "${name}"`);
      const [row] = await session.read(statement(`SELECT ${list.join(', ')}`, (raw) => ({ ...raw })));
      assert.deepEqual(row, Object.fromEntries(Object.entries(columns).map(([name, [, value]]) => [name, value])));
      await session.close();
    });

    it('takes one statement only, with its values apart', async () => {
      const session = await open(lab.primary);
      const two = await failure(session.read(statement('SELECT 1; SELECT 2', (raw) => raw)));
      assert.equal(two.code, '42601');
      const hostile = `'; DROP TABLE x; --" 🐘`;
      const [echo] = await session.read(
        statement('SELECT $1::text AS t', (raw) => text(raw, 't'), { values: [hostile] }),
      );
      assert.equal(echo, hostile);
      await session.close();
    });

    it('keeps a user’s functions and tables out of the way', async () => {
      const server = lab.primary;
      await server.run(`
        CREATE SCHEMA IF NOT EXISTS evil;
        CREATE OR REPLACE FUNCTION evil.pg_backend_pid() RETURNS int4 LANGUAGE sql AS 'SELECT 4711';
        GRANT USAGE ON SCHEMA evil TO plain;
        ALTER ROLE plain SET search_path = evil, pg_catalog;`);
      try {
        const shadowed = await server.connect({ user: 'plain' });
        const { rows } = await shadowed.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        assert.equal(rows[0]!.pid, 4711, 'the trap works');
        await shadowed.end();
        const session = await open(server, { user: 'plain' });
        for (const extra of [{}, { timeoutMs: 1000 }]) {
          assert.equal((await session.read({ ...pid, ...extra }))[0], session.capabilities.backendPid);
        }
        await session.close();
      } finally {
        await server.run('ALTER ROLE plain RESET search_path; DROP SCHEMA evil CASCADE');
      }
    });

    it('keeps temporary tables out of the way', async () => {
      const session = await open(lab.primary);
      await session.act(statement('CREATE TEMP TABLE pg_class (i int4)', (raw) => raw));
      const [count] = await session.read(statement('SELECT count(*)::int4 AS n FROM pg_class', (raw) => raw['n']));
      assert.notEqual(count, 0);
      await session.close();
    });

    it('never cancels the statement after the one that was given up', async () => {
      const session = await open(lab.primary);
      for (let round = 0; round < 40; round++) {
        const controller = new AbortController();
        const given = session.read(
          statement('SELECT pg_sleep(0.005)', (raw) => raw),
          controller.signal,
        );
        const next = session.read(statement('SELECT pg_sleep(0.005), 1 AS one', (raw) => raw['one']));
        setTimeout(() => controller.abort(), round % 10);
        await given.catch((error: unknown) => assert.ok(isAbort(error)));
        assert.deepEqual(await next, [1]);
      }
      await session.close();
    });

    it('acts in a transaction that may write, and rolls back what fails', async () => {
      const session = await open(lab.primary);
      await session.act(statement('CREATE TABLE public.acted (i int4 PRIMARY KEY)', (raw) => raw));
      await session.act(statement('INSERT INTO public.acted VALUES ($1)', (raw) => raw, { values: [1] }));
      const twice = await failure(session.act(statement('INSERT INTO public.acted VALUES (2), (1)', (raw) => raw)));
      assert.equal(twice.code, '23505');
      const [count] = await session.read(statement('SELECT count(*)::int4 AS n FROM public.acted', (raw) => raw['n']));
      assert.equal(count, 1);
      assert.equal((await failure(session.read(statement('DROP TABLE public.acted', (raw) => raw)))).reason, 'refused');
      await session.act(statement('DROP TABLE public.acted', (raw) => raw));
      const standby = await open(lab.standbys[0]!);
      assert.deepEqual(await standby.act(statement('SELECT pg_cancel_backend(0) AS ok', (raw) => raw['ok'])), [false]);
      await standby.close();
      await session.close();
    });

    it('tells what became of an action that was given up', async () => {
      const session = await open(lab.primary);
      const controller = new AbortController();
      const acting = session.act(
        statement('SELECT pg_sleep(30)', (raw) => raw, { timeoutMs: 31_000 }),
        controller.signal,
      );
      await sleep(200);
      const started = Date.now();
      controller.abort();
      await assert.rejects(acting, isAbort);
      assert.ok(Date.now() - started < 3000);
      assert.equal((await session.read(pid)).length, 1);
      await session.close();
    });

    it('tells a statement that was cancelled by someone from one at its limit', async () => {
      const session = await open(lab.primary);
      const running = failure(session.read(statement('SELECT pg_sleep(4)', (raw) => raw)));
      await until('it runs', async () => {
        const rows = await lab.primary.run(
          "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(4)' AND state = 'active'",
        );
        return rows.length === 1;
      });
      assert.equal((await running).reason, 'cancelled-by-server');
      await session.close();
    });

    it('says what is missing and what is not allowed', async () => {
      const session = await open(lab.primary, { user: 'plain' });
      for (const [sql, reason] of [
        ['SELECT * FROM no_such_table', 'undefined-object'],
        ['SELECT no_such_column FROM pg_class', 'undefined-object'],
        ['SELECT no_such_function()', 'undefined-object'],
        ['SELECT * FROM pg_authid', 'permission-denied'],
        ['SELECT 1/0', 'statement-failed'],
      ] as const) {
        assert.equal((await failure(session.read(statement(sql, (raw) => raw)))).reason, reason, sql);
      }
      await session.close();
    });

    it('cancels what still runs when it is closed', async () => {
      const session = await open(lab.primary);
      const running = failure(session.read(statement('SELECT pg_sleep(50)', (raw) => raw, { timeoutMs: 60_000 })));
      await sleep(200);
      let ends = 0;
      session.onDidEnd(() => ends++);
      await session.close();
      await session.close();
      await running;
      assert.equal(ends, 0, 'closed by us, not lost');
      assert.equal((await failure(session.read(pid))).reason, 'connection-lost');
      await until('nothing of ours is left', async () => (await ourSessions(lab.primary)) === 0, 3000);
    });

    it('lets a statement that waits be given up without touching the one that runs', async () => {
      const session = await open(lab.primary);
      const running = session.read(statement("SELECT pg_sleep(0.4)::text AS x, 'done' AS y", (raw) => raw['y']));
      const controller = new AbortController();
      const waiting = session.read(pid, controller.signal);
      setTimeout(() => controller.abort(), 50);
      await assert.rejects(waiting, isAbort);
      assert.deepEqual(await running, ['done']);
      await assert.rejects(session.read(pid, AbortSignal.abort()), isAbort);
      await session.close();
    });
  });
}
