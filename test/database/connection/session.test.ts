import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import type { ConnectionTarget } from '../../../src/core/connection/profile';
import { DatabaseError, isAbort } from '../../../src/core/ports/database-error';
import { number, text, type RawRow } from '../../../src/core/ports/row';
import type { Session, Statement } from '../../../src/core/ports/session';
import { localSystem } from '../../../src/postgres/local-system';
import { PostgresOpener } from '../../../src/postgres/postgres-opener';
import { exhaustion, until } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { projectRoot } from '../../lab/project-root';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import type { LabServer } from '../../lab/server';
import { TcpProxy } from '../../lab/tcp-proxy';

const never = new AbortController().signal;
const system = { ...localSystem(), environment: {}, homeDirectory: '/nonexistent' };

function open(
  server: LabServer,
  extra: ConnectionTarget = {},
  password: string | undefined = server.password,
  signal = never,
): Promise<Session> {
  const opener = new PostgresOpener({ password: () => Promise.resolve(password) }, system);
  const target = { host: server.host, port: server.port, database: 'postgres', user: 'postgres', ...extra };
  return opener.open({ id: 'x', name: 'x', environment: 'development', readOnly: true, target }, signal);
}

function statement<Row>(sql: string, row: (raw: RawRow) => Row, extra: Partial<Statement<Row>> = {}): Statement<Row> {
  return { name: 'test', text: sql, row, ...extra };
}
const pid = statement('SELECT pg_backend_pid() AS pid', (raw) => number(raw, 'pid'));

async function failure(promise: Promise<unknown>): Promise<DatabaseError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DatabaseError, `expected a DatabaseError, got ${String(error)}`);
  return error;
}

async function ours(server: LabServer): Promise<number> {
  const rows = await server.run<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'db-ops-panel'",
  );
  return rows[0]!.n;
}

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

    it('leaves no connection behind', async () => {
      const session = await open(lab.primary);
      await session.read(pid);
      await session.close();
      await until('all of ours are gone', async () => (await ours(lab.primary)) === 0);
    });

    it('says why it cannot connect', async () => {
      const server = lab.primary;
      const wrong = await failure(open(server, {}, 'not-the-password'));
      assert.equal(wrong.reason, 'password-wrong');
      assert.ok(!JSON.stringify([wrong.message, wrong.remedy, wrong.stack]).includes('not-the-password'));
      assert.equal(
        (
          await failure(
            new PostgresOpener({ password: () => Promise.resolve(undefined) }, system).open(
              {
                id: 'x',
                name: 'x',
                environment: 'development',
                readOnly: true,
                target: { host: server.host, port: server.port, user: 'postgres' },
              },
              never,
            ),
          )
        ).reason,
        'password-missing',
      );
      assert.equal((await failure(open(server, { database: 'no "such" 🐘' }))).reason, 'database-missing');
      assert.equal((await failure(open(server, { host: 'no-such-host.invalid' }))).reason, 'unknown-host');
      assert.equal((await failure(open(server, { port: 1 }))).reason, 'connection-refused');
      const noTls = await failure(open(server, { sslMode: 'require' }));
      assert.equal(noTls.reason, 'tls-not-supported');
      assert.match(noTls.remedy ?? '', /sslmode=prefer/);
    });
  });
}

describe('a session over a faulty network', () => {
  let lab: Lab;
  let proxy: TcpProxy;
  before(async () => {
    lab = await sharedLab({ major: 18, standbys: 1 });
  });
  beforeEach(async () => {
    proxy = await TcpProxy.start(lab.primary);
  });
  afterEach(() => proxy.stop());

  it('gives up on a black hole when connecting, and while a statement runs', async () => {
    proxy.set({ kind: 'blackhole' });
    const error = await failure(open(lab.primary, { port: proxy.port, connectTimeoutS: 1 }));
    assert.equal(error.reason, 'timeout');
    assert.match(error.message, /did not answer within 1 s/);
    proxy.set({ kind: 'none' });
    const session = await open(lab.primary, { port: proxy.port });
    proxy.set({ kind: 'blackhole' });
    const lost = await failure(session.read({ ...pid, timeoutMs: 200 }));
    assert.equal(lost.reason, 'connection-lost');
    assert.equal(session.alive, false);
  });

  it('lets go of an aborted connection attempt at once', async () => {
    proxy.set({ kind: 'blackhole' });
    const controller = new AbortController();
    const opening = open(lab.primary, { port: proxy.port }, undefined, controller.signal);
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(opening, isAbort);
  });

  it('closes within its limit though nobody answers', async () => {
    const session = await open(lab.primary, { port: proxy.port });
    proxy.set({ kind: 'blackhole' });
    await session.close();
    assert.equal(session.alive, false);
  });
});

describe('a session at exhaustion', () => {
  it('still works when it was open, and a new one says what is wrong', async () => {
    const lab = await startLab({ settings: { max_connections: '15' } });
    try {
      const session = await open(lab.primary, { user: 'monitor' });
      const crowd = await exhaustion(lab.primary);
      assert.equal((await session.read(pid)).length, 1);
      const error = await failure(open(lab.primary, { user: 'monitor' }));
      assert.equal(error.reason, 'too-many-connections');
      assert.match(error.remedy ?? '', /pg_use_reserved_connections/);
      await crowd.heal();
      await session.close();
    } finally {
      await lab.stop();
    }
  });
});

describe('TLS as libpq has it', () => {
  const authority = path.join(projectRoot, 'test/fixtures/tls/ca.crt');
  const stranger = path.join(projectRoot, 'test/fixtures/tls/other-ca.crt');
  for (const tls of ['server', 'wrong-host'] as const) {
    describe(`with the certificate "${tls}"`, () => {
      let lab: Lab;
      before(async () => {
        lab = await sharedLab({ tls });
      });
      const encrypted = statement('SELECT ssl AS on FROM pg_stat_ssl WHERE pid = pg_backend_pid()', (raw) => raw['on']);
      const works = async (extra: ConnectionTarget): Promise<unknown> => {
        const session = await open(lab.primary, extra);
        const [row] = await session.read(encrypted);
        await session.close();
        return row;
      };

      it('encrypts as the mode says', async () => {
        assert.equal(await works({ sslMode: 'disable' }), false);
        assert.equal(await works({ sslMode: 'allow' }), false);
        assert.equal(await works({ sslMode: 'prefer' }), true);
        assert.equal(await works({}), true, 'prefer is the default');
        assert.equal(await works({ sslMode: 'require' }), true);
        assert.equal(await works({ sslMode: 'verify-ca', sslRootCert: authority }), true);
      });

      it('refuses an unknown authority and, with verify-full, a wrong name', async () => {
        for (const sslMode of ['require', 'verify-ca', 'verify-full'] as const) {
          assert.equal(
            (await failure(open(lab.primary, { sslMode, sslRootCert: stranger }))).reason,
            'tls-untrusted',
            sslMode,
          );
        }
        assert.equal(
          (await failure(open(lab.primary, { sslMode: 'verify-full' }))).reason,
          'tls-untrusted',
          'no root certificate',
        );
        const full = { sslMode: 'verify-full', sslRootCert: authority } as const;
        for (const host of ['127.0.0.1', 'localhost']) {
          if (tls === 'server') assert.equal(await works({ ...full, host }), true);
          else assert.equal((await failure(open(lab.primary, { ...full, host }))).reason, 'tls-hostname');
        }
      });
    });
  }

  it('cancels over TLS', async () => {
    const lab = await sharedLab({ tls: 'server' });
    const session = await open(lab.primary, { sslMode: 'require' });
    const controller = new AbortController();
    const running = session.read(
      statement('SELECT pg_sleep(60)', (raw) => raw, { timeoutMs: 60_000 }),
      controller.signal,
    );
    setTimeout(() => controller.abort(), 300);
    await assert.rejects(running, isAbort);
    await until(
      'it is cancelled',
      async () =>
        (
          await lab.primary.run(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid()",
          )
        ).length === 0,
    );
    await session.close();
  });
});
