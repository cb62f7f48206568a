import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsSession, isAbort } from '../../../src/core/ports/database-error';
import { exhaustion, until } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { TcpProxy } from '../../lab/tcp-proxy';
import { failure, open, ourSessions, pid, statement } from './opening';

describe('a session over a local socket', function () {
  it('reads, cancels, and names the directory', async function () {
    if (process.platform === 'win32') this.skip();
    const folder = await mkdtemp(path.join(tmpdir(), 'dbops-socket-'));
    await chmod(folder, 0o777);
    const lab = await startLab({
      settings: { unix_socket_directories: folder },
      hba: ['local all plain scram-sha-256', 'local all all trust'],
    });
    try {
      const session = await open({ host: folder, port: lab.primary.port, password: '' });
      const controller = new AbortController();
      const running = session.read(
        statement('SELECT pg_sleep(60)', (raw) => raw, { timeoutMs: 60_000 }),
        controller.signal,
      );
      setTimeout(() => controller.abort(), 100);
      await assert.rejects(running, isAbort);
      assert.deepEqual(await session.read(pid), [session.capabilities.backendPid]);
      await session.close();
      const error = await failure(open({ host: folder, port: lab.primary.port, password: 'wrong' }, { user: 'plain' }));
      assert.equal(error.reason, 'password-wrong');
      assert.ok(error.message.includes(folder));
    } finally {
      await lab.stop();
      await rm(folder, { recursive: true });
    }
  });
});

describe('a session and the variables of the process', () => {
  it('is not bent by what the driver would read for itself', async () => {
    const hostile = {
      PGOPTIONS: '-c search_path=evil -c default_transaction_read_only=off',
      PGREPLICATION: 'database',
      PGSSLNEGOTIATION: 'direct',
      PGSSLMODE: 'verify-full',
      PGHOST: 'nowhere.invalid',
      PGPASSWORD: 'wrong',
      PGAPPNAME: 'other',
    };
    const lab = await sharedLab({ major: 18, standbys: 1 });
    const before = { ...process.env };
    Object.assign(process.env, hostile);
    try {
      const session = await open(lab.primary);
      const shown = await session.read(
        statement(
          "SELECT current_setting('search_path') AS a, current_setting('application_name') AS b, current_setting('transaction_read_only') AS c",
          (raw) => Object.values(raw),
        ),
      );
      assert.deepEqual(shown, [['pg_catalog, pg_temp', 'db-ops-panel', 'on']]);
      await session.close();
    } finally {
      for (const name of Object.keys(hostile)) {
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[name];
      }
    }
  });
});

describe('a session and the death of its server', () => {
  it('ends once, a new one is refused, and opens again when the server is back', async () => {
    const lab = await startLab();
    try {
      const session = await open(lab.primary);
      const ends: string[] = [];
      session.onDidEnd(({ reason }) => ends.push(reason));
      const running = failure(session.read(statement('SELECT pg_sleep(30)', (raw) => raw, { timeoutMs: 31_000 })));
      await sleep(100);
      await lab.primary.kill();
      assert.ok(endsSession(await running));
      await until('the session has ended', () => Promise.resolve(!session.alive));
      assert.equal(ends.length, 1);
      assert.equal((await failure(open(lab.primary))).reason, 'connection-refused');
      await lab.primary.start();
      const again = await open(lab.primary);
      assert.equal((await again.read(pid)).length, 1);
      assert.equal(await ourSessions(lab.primary), 1);
      await again.close();
    } finally {
      await lab.stop();
    }
  });
});

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
    const opening = open(lab.primary, { port: proxy.port }, lab.primary.password, controller.signal);
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
