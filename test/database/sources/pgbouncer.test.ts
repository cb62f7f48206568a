import assert from 'node:assert/strict';
import pg from 'pg';
import { locksStatement } from '../../../src/core/health/blocking';
import { buildLockState } from '../../../src/core/health/blocking-graph';
import { backendsStatement } from '../../../src/core/pooler/backend';
import { traceChain, type ChainPath } from '../../../src/core/pooler/chain';
import { describeLink } from '../../../src/core/pooler/describe-link';
import { evaluatePooler, type PoolerItem } from '../../../src/core/pooler/pooler-evaluation';
import { readPooler } from '../../../src/core/pooler/read-pooler';
import { DatabaseError, isAbort } from '../../../src/core/ports/database-error';
import type { PoolerConsole } from '../../../src/core/ports/pooler-console';
import { PgBouncerOpener } from '../../../src/postgres/pgbouncer-console';
import { FetchReader } from '../../../src/sources/http/fetch-reader';
import { PoolReader } from '../../../src/sources/hikari/pool-reader';
import { lockChain, until } from '../../lab/faults';
import { hikariObstacle, startHikariApp } from '../../lab/hikari/hikari-app';
import { labPassword, type Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { TcpProxy } from '../../lab/tcp-proxy';
import { bareSystem, failure, open } from '../connection/opening';
import { pgbouncerProgram, startPgBouncer, type PgBouncer } from '../connection/pgbouncer';

const opener = new PgBouncerOpener({ password: () => Promise.resolve(labPassword) }, bareSystem);

function openConsole(
  at: { readonly host: string; readonly port: number },
  user = 'monitor',
  signal = new AbortController().signal,
): Promise<PoolerConsole> {
  const target = { host: at.host, port: at.port, user, sslMode: 'disable' as const, connectTimeoutS: 2 };
  return opener.open({ id: 'p', name: 'p', environment: 'development', readOnly: true, target }, signal);
}

describe("PgBouncer's console", function () {
  const program = pgbouncerProgram();
  let lab: Lab;
  let bouncer: PgBouncer;
  before(async function () {
    if (program === undefined) {
      console.log('      PgBouncer is not installed (Debian: apt-get install pgbouncer); its tests are skipped.');
      this.skip();
    }
    lab = await sharedLab({ major: 18, standbys: 1 });
    bouncer = await startPgBouncer(program, lab.primary, {
      default_pool_size: '5',
      stats_users: 'monitor',
      ignore_startup_parameters: 'extra_float_digits',
    });
  });
  // Undefined when the tests were skipped.
  after(async () => (bouncer as PgBouncer | undefined)?.stop());

  const connect = async (user: string, database = 'postgres'): Promise<pg.Client> => {
    const { host, port, password } = bouncer;
    const client = new pg.Client({ host, port, password, user, database });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };

  it('is read by a statistics user, all of it', async () => {
    const pooler = await openConsole(bouncer);
    assert.match(pooler.version ?? '', /^1\.\d+\.\d+$/);
    const state = await readPooler(pooler);
    assert.deepEqual(
      state.databases.map(({ name, database, port, poolSize, paused }) => [name, database, port, poolSize, paused]),
      [['postgres', 'postgres', lab.primary.port, 5, false]],
    );
    assert.equal(state.config.get('pool_mode'), 'transaction');
    assert.ok(state.stats.every((row) => typeof row.queries === 'number' && typeof row.averageWaitS === 'number'));
    await pooler.close();
    await assert.rejects(pooler.show('POOLS'), DatabaseError);
  });

  it('is refused to others, and nothing else is taken for it', async () => {
    assert.equal((await failure(openConsole(bouncer, 'plain'))).reason, 'pooler-refused');
    const server = await failure(openConsole(lab.primary, 'postgres'));
    assert.equal(server.reason, 'database-missing');
    await lab.primary.run('CREATE DATABASE pgbouncer');
    try {
      const same = await failure(openConsole(lab.primary, 'postgres'));
      assert.deepEqual([same.reason, /is no PgBouncer/.test(same.message)], ['pooler-refused', true]);
    } finally {
      await lab.primary.run('DROP DATABASE pgbouncer');
    }
  });

  it('shows twenty clients on five connections as fifteen that wait', async () => {
    const pooler = await openConsole(bouncer);
    const items = async (): Promise<readonly PoolerItem[]> =>
      evaluatePooler(await readPooler(pooler), { waitS: { warning: 0, critical: 1 } });
    assert.deepEqual(
      (await items()).map(({ evaluation }) => evaluation.severity).filter((one) => one !== 'ok'),
      [],
    );
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect('plain')));
    const sleeping = clients.map((client) => client.query('SELECT pg_sleep(4)').catch(() => undefined));
    await until('the wait is long', async () => (await items())[0]?.evaluation.severity === 'critical');
    const [worst] = await items();
    assert.match(worst?.evaluation.summary ?? '', /^postgres: 5\/5 · 15 waiting (1|2)(\.\d)? s$/);
    assert.match(worst?.evaluation.lines.join('\n') ?? '', /All server connections of the pool are at work/);
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    await Promise.all(sleeping);
    await until('nobody waits', async () => (await items()).every(({ evaluation }) => evaluation.severity === 'ok'));
    await pooler.close();
  });

  it('tells a paused database from a full one', async () => {
    const pooler = await openConsole(bouncer);
    const admin = await connect('postgres', 'pgbouncer');
    await admin.query('PAUSE postgres');
    const client = await connect('plain');
    const waiting = client.query('SELECT 1');
    const summary = async (): Promise<string> =>
      (await readPooler(pooler).then(evaluatePooler))[0]?.evaluation.summary ?? '';
    await until('it waits', async () => /^postgres: 0\/5 · paused · 1 waiting/.test(await summary()));
    await admin.query('RESUME postgres');
    await waiting;
    assert.match(await summary(), /^postgres: [01]\/5$/);
    await Promise.all([client.end(), admin.end(), pooler.close()]);
  });

  it('leads from an application over its client and backend to what blocks it', async function () {
    const obstacle = hikariObstacle();
    if (obstacle !== undefined) {
      console.log(`      ${obstacle} The chain with a real HikariCP is skipped.`);
      this.skip();
    }
    const chain = await lockChain(lab.primary);
    await lab.primary.run('GRANT ALL ON lock_chain TO plain');
    const app = await startHikariApp(bouncer, 'shop-api:10');
    const session = await open(lab.primary, { user: 'monitor' });
    const pooler = await openConsole(bouncer);
    const endpoint = { id: 'a', name: 'shop', url: `${app.origin}/actuator`, instances: 1, behindPooler: true };
    const reader = new PoolReader(new FetchReader(), { credentials: () => Promise.resolve(undefined) });
    const look = async (): Promise<readonly ChainPath[]> =>
      traceChain({
        applications: [{ endpoint, pools: (await reader.read(endpoint)).pools }],
        pooler: await readPooler(pooler),
        backends: await session.read(backendsStatement),
        locks: buildLockState(await session.read(locksStatement(18)), false),
      });
    try {
      await app.control('shop-api', 'update/3');
      await until(
        'three are blocked',
        async () => (await look()).filter((path) => path.reason === 'blocked').length === 3,
      );
      await until('the pool says so', async () => {
        const [first] = (await look())[0]?.links ?? [];
        return first?.kind === 'application' && first.pool.active === 3;
      });
      const paths = await look();
      const best = paths[0]!;
      assert.deepEqual(
        best.links.slice(0, 5).map((link) => link.kind),
        ['application', 'pooler', 'client', 'server', 'backend'],
      );
      const root = best.links.at(-1);
      assert.equal(
        root?.kind === 'blocker' && root.session.pid,
        chain.pids.a,
        'the root is A, which is idle in transaction',
      );
      const [text, bounced, client, , backend] = best.links.map(describeLink);
      assert.deepEqual(text, { label: 'shop', description: 'shop-api 3/10' });
      assert.deepEqual(bounced, { label: 'PgBouncer postgres', description: '3/5' });
      assert.match(client?.label ?? '', /^client 127\.0\.0\.1:\d+$/);
      // PgBouncer learns the name from the driver's SET, which drivers send at different moments: until then it is empty.
      assert.match(client?.description ?? '?', /^(shop-api)?$/);
      assert.match(backend?.description ?? '', /^waits for a lock .* · UPDATE lock_chain SET n = n \+ 1 WHERE id = 1$/);
      assert.match(describeLink(root!).description, /^orders-api · idle in transaction .* · holds up 5 sessions$/);
      assert.equal(best.frees, 5);
    } finally {
      await chain.heal();
      await Promise.all([app.stop(), session.close(), pooler.close()]);
    }
  });

  it('that dies or falls silent is lost within its limit, and cancelling is no error', async () => {
    const mortal = await startPgBouncer(program ?? '', lab.primary, { stats_users: 'monitor' });
    const proxy = await TcpProxy.start(mortal);
    const through = { host: '127.0.0.1', port: proxy.port };
    const pooler = await openConsole(through);
    const given = await openConsole(through);
    proxy.set({ kind: 'blackhole' });
    const controller = new AbortController();
    const cancelled = given.show('POOLS', controller.signal);
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(cancelled, isAbort);
    const started = Date.now();
    const silent = await failure(pooler.show('POOLS'));
    assert.deepEqual([silent.reason, pooler.alive], ['connection-lost', false]);
    assert.ok(Date.now() - started < 4000);
    assert.equal((await failure(openConsole(through))).reason, 'timeout');
    await proxy.stop();
    const direct = await openConsole(mortal);
    await mortal.stop();
    await until('its end is known', () => Promise.resolve(!direct.alive));
    assert.equal((await failure(direct.show('POOLS'))).reason, 'connection-lost');
  });
});
