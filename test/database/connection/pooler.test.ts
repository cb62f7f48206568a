import assert from 'node:assert/strict';
import pg from 'pg';
import { isAbort } from '../../../src/core/ports/database-error';
import { until } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { failure, open, ourSessions, pid, statement } from './opening';
import { pgbouncerProgram, startPgBouncer, type PgBouncer } from './pgbouncer';

describe('a session through PgBouncer', function () {
  const program = pgbouncerProgram();
  let lab: Lab;
  let bouncer: PgBouncer;
  before(async function () {
    if (program === undefined) {
      console.log('      PgBouncer is not installed (Debian: apt-get install pgbouncer); its tests are skipped.');
      this.skip();
    }
    lab = await sharedLab({ major: 18, standbys: 1 });
    bouncer = await startPgBouncer(program, lab.primary);
  });
  // Undefined when the tests were skipped.
  after(async () => (bouncer as PgBouncer | undefined)?.stop());

  it('is met without startup parameters and known as a pooler', async () => {
    const session = await open(bouncer, { user: 'monitor' });
    const { capabilities } = session;
    assert.equal(capabilities.pooler, true);
    assert.deepEqual([capabilities.user, capabilities.major, capabilities.seesAllSessions], ['monitor', 18, true]);
    assert.deepEqual(await session.read(statement('SELECT $1::int4 AS n', (raw) => raw['n'], { values: [7] })), [7]);
    await session.close();
  });

  it('reads only, within its limits, and lets no setting through to the next client', async () => {
    const session = await open(bouncer, { user: 'monitor' });
    const show = statement(
      `SELECT current_setting('statement_timeout') AS s, current_setting('lock_timeout') AS l,
         current_setting('search_path') AS p, current_setting('transaction_read_only') AS r`,
      (raw) => Object.values(raw),
    );
    assert.deepEqual(await session.read(show), [['5s', '500ms', 'pg_catalog, pg_temp', 'on']]);
    const write = await failure(session.read(statement('CREATE TABLE public.never (i int)', (raw) => raw)));
    assert.deepEqual([write.reason, write.code], ['refused', '25006']);
    const slow = await failure(session.read(statement('SELECT pg_sleep(5)', (raw) => raw, { timeoutMs: 100 })));
    assert.equal(slow.reason, 'statement-timeout');
    const next = new pg.Client({ ...bouncer, user: 'monitor', database: 'postgres' });
    await next.connect();
    const { rows } = await next.query<Record<string, string>>(show.text);
    assert.deepEqual(Object.values(rows[0]!), ['0', '0', '"$user", public', 'off']);
    await next.end();
    assert.equal((await session.read(pid)).length, 1);
    await session.close();
  });

  it('leaves no prepared statement on the server behind it', async () => {
    const session = await open(bouncer, { user: 'monitor' });
    const repeated = statement('SELECT 1 AS n', (raw) => raw['n'], { repeated: true });
    assert.deepEqual([await session.read(repeated), await session.read(repeated)], [[1], [1]]);
    const left = statement('SELECT p.name FROM pg_catalog.pg_prepared_statements AS p', (raw) => raw['name']);
    assert.deepEqual(await session.read(left), []);
    await session.close();
  });

  it('cancels on the server behind it', async () => {
    const session = await open(bouncer, { user: 'monitor' });
    const controller = new AbortController();
    const running = session.read(
      statement('SELECT pg_sleep(61)', (raw) => raw, { timeoutMs: 62_000 }),
      controller.signal,
    );
    const active = async (): Promise<boolean> =>
      (await lab.primary.run("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(61)' AND state = 'active'"))
        .length === 1;
    await until('it runs', active);
    controller.abort();
    await assert.rejects(running, isAbort);
    await until('it is cancelled', async () => !(await active()), 2000);
    assert.equal((await session.read(pid)).length, 1);
    await session.close();
  });

  it('says what the pooler refuses', async () => {
    const unknown = await failure(open(bouncer, { user: 'monitor', database: 'nowhere' }));
    assert.equal(unknown.reason, 'pooler-refused');
    assert.match(unknown.message, /nowhere/);
    const wrong = await failure(open(bouncer, { user: 'monitor' }, 'wrong'));
    assert.ok(['pooler-refused', 'password-wrong'].includes(wrong.reason), wrong.reason);
    const console = await failure(open(bouncer, { database: 'pgbouncer' }));
    assert.equal(console.reason, 'pooler-refused');
  });

  it('is known as a pooler also where it swallows the parameters', async () => {
    const polite = await startPgBouncer(program ?? '', lab.primary, {
      ignore_startup_parameters:
        'statement_timeout,lock_timeout,idle_in_transaction_session_timeout,default_transaction_read_only,search_path',
    });
    try {
      const session = await open(polite, { user: 'monitor' });
      assert.equal(session.capabilities.pooler, true);
      const write = await failure(session.read(statement('CREATE TABLE public.never (i int)', (raw) => raw)));
      assert.equal(write.reason, 'refused');
      const admin = new pg.Client({ ...polite, user: 'postgres', database: 'pgbouncer' });
      admin.on('error', () => undefined);
      await admin.connect();
      const clients = (await admin.query<{ user: string }>('SHOW CLIENTS')).rows;
      assert.equal(clients.filter((row) => row.user === 'monitor').length, 1, 'the first connection was closed');
      await admin.end();
      await session.close();
    } finally {
      await polite.stop();
    }
    await until('nothing of ours is left', async () => (await ourSessions(lab.primary)) <= 1);
  });

  it('ends when the pooler dies', async () => {
    const mortal = await startPgBouncer(program ?? '', lab.primary);
    const session = await open(mortal, { user: 'monitor' });
    let ends = 0;
    session.onDidEnd(() => ends++);
    await mortal.stop();
    await until('it has ended', () => Promise.resolve(!session.alive));
    assert.equal(ends, 1);
  });
});
