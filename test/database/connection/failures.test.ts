import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { DatabaseError } from '../../../src/core/ports/database-error';
import { type DatabaseErrorReason } from '../../../src/core/ports/database-error';
import { quoteIdentifier } from '../../../src/core/sql/identifier';
import { PostgresOpener } from '../../../src/postgres/postgres-opener';
import { startLab, type Lab } from '../../lab/lab';
import { TcpProxy } from '../../lab/tcp-proxy';
import { bareSystem, failure, open, pid } from './opening';

/** Each reason made for real on a server whose pg_hba.conf and roles are made for it. */
describe('a connection that fails', () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({
      hba: [
        'host all ghost 127.0.0.1/32 trust',
        'host all nologin 127.0.0.1/32 trust',
        'host all banned 127.0.0.1/32 reject',
      ],
    });
    await lab.primary.run(`
      CREATE ROLE nologin NOLOGIN;
      ALTER ROLE plain CONNECTION LIMIT 1;`);
    await lab.primary.run('CREATE DATABASE closed');
    await lab.primary.run('UPDATE pg_database SET datallowconn = false WHERE datname = $1', ['closed']);
    await lab.primary.run('CREATE DATABASE private');
    await lab.primary.run('REVOKE CONNECT ON DATABASE private FROM PUBLIC');
    await lab.primary.run('CREATE DATABASE single CONNECTION LIMIT 0');
  });
  after(() => lab.stop());

  const told = (error: DatabaseError, reason: DatabaseErrorReason, ...names: string[]): void => {
    assert.equal(error.reason, reason, error.message);
    for (const name of names) assert.ok(error.message.includes(name), `${name} in: ${error.message}`);
    assert.ok((error.remedy?.length ?? 0) > 10, 'a way out');
  };
  const place = (): string => `127.0.0.1:${lab.primary.port}`;

  it('with a wrong password, which is not repeated', async () => {
    const secret = 'not the: p@ssword';
    const error = await failure(open(lab.primary, {}, secret));
    told(error, 'password-wrong', place(), 'postgres', 'secret storage');
    assert.ok(!JSON.stringify([error.message, error.remedy, error.stack, error]).includes(secret));
  });

  it('without a password, also when the password file must be ignored', async () => {
    told(await failure(open(lab.primary, {}, null)), 'password-missing', place());
    told(await failure(open(lab.primary, {}, '')), 'password-missing', place());
    const folder = await mkdtemp(path.join(tmpdir(), 'dbops-pgpass-'));
    const file = path.join(folder, '.pgpass');
    await writeFile(file, `*:*:*:*:${lab.primary.password}`, { mode: 0o644 });
    try {
      const error = await failure(open(lab.primary, { passfile: file }, null));
      assert.match(error.remedy ?? '', /chmod 600/);
      await writeFile(file, '');
      await chmod(file, 0o600);
      await writeFile(file, `127.0.0.1:${lab.primary.port}:*:*:${lab.primary.password}`);
      await (await open(lab.primary, { passfile: file }, null)).close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('because of the role', async () => {
    told(await failure(open(lab.primary, { user: 'ghost' })), 'role-missing', place(), 'ghost');
    told(await failure(open(lab.primary, { user: 'nologin' })), 'role-missing', 'nologin');
    told(await failure(open(lab.primary, { user: 'banned' })), 'no-pg-hba-entry', 'banned', place());
  });

  it('because of the database', async () => {
    told(await failure(open(lab.primary, { database: 'no "such" 🐘' })), 'database-missing', 'no "such" 🐘', place());
    told(await failure(open(lab.primary, { database: 'closed' })), 'refused', 'closed');
    told(await failure(open(lab.primary, { database: 'private', user: 'monitor' })), 'permission-denied', 'private');
  });

  it('because a limit of the role or the database is reached', async () => {
    const first = await open(lab.primary, { user: 'plain' });
    told(await failure(open(lab.primary, { user: 'plain' })), 'too-many-connections', 'plain', place());
    assert.equal((await first.read(pid)).length, 1);
    await first.close();
    told(await failure(open(lab.primary, { user: 'monitor', database: 'single' })), 'too-many-connections', 'single');
  });

  it('because of the network', async () => {
    told(await failure(open(lab.primary, { host: 'no-such-host.invalid' })), 'unknown-host', 'no-such-host.invalid');
    told(await failure(open(lab.primary, { port: 1 })), 'connection-refused', '127.0.0.1:1');
    told(await failure(open(lab.primary, { host: '/nonexistent' })), 'connection-refused', '/nonexistent');
    const proxy = await TcpProxy.start(lab.primary);
    proxy.set({ kind: 'refuse' });
    told(await failure(open(lab.primary, { port: proxy.port })), 'connection-lost', String(proxy.port));
    proxy.set({ kind: 'blackhole' });
    told(await failure(open(lab.primary, { port: proxy.port, connectTimeoutS: 1 })), 'timeout', 'within 1 s');
    await proxy.stop();
  });

  it('because TLS is not to be had, and without TLS where it is only preferred', async () => {
    told(await failure(open(lab.primary, { sslMode: 'require' })), 'tls-not-supported', place(), 'require');
    await (await open(lab.primary, { sslMode: 'prefer' })).close();
    const error = await failure(open(lab.primary, { sslMode: 'prefer' }, 'wrong'));
    told(error, 'password-wrong', place());
  });

  it('because the service or a certificate file is not there', async () => {
    told(await failure(open(lab.primary, { service: 'nowhere' })), 'unknown-service', 'nowhere');
    told(
      await failure(open(lab.primary, { sslMode: 'verify-full', sslRootCert: '/nonexistent/ca.crt' })),
      'tls-failed',
      '/nonexistent/ca.crt',
    );
  });

  it('because something else listens there', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    for (const sslMode of ['prefer', 'require'] as const) {
      told(await failure(open(lab.primary, { port, sslMode })), 'tls-failed', 'not as PostgreSQL');
    }
    told(
      await failure(open(lab.primary, { port, sslMode: 'disable', connectTimeoutS: 2 })),
      'connection-lost',
      String(port),
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it('not because a name is hostile', async () => {
    const name = `"; DROP TABLE x; --" 'o\\ 🐘`;
    await lab.primary.run(`CREATE ROLE ${quoteIdentifier(name)} LOGIN PASSWORD 'p:\\w''@ 🐘'`);
    await lab.primary.run(`CREATE DATABASE ${quoteIdentifier(name)}`);
    const session = await open(lab.primary, { user: name, database: name }, "p:\\w'@ 🐘");
    assert.deepEqual([session.capabilities.user, session.capabilities.database], [name, name]);
    assert.equal(session.capabilities.seesAllSessions, false);
    await session.close();
  });

  it('leaves the reason of a source of passwords alone', async () => {
    const refuse = new PostgresOpener({ password: () => Promise.reject(new Error('locked')) }, bareSystem);
    const profile = { id: 'x', name: 'x', environment: 'development', readOnly: true, target: {} } as const;
    await assert.rejects(refuse.open(profile, new AbortController().signal), /locked/);
  });

  it('identifiers come back from the server as they were', async () => {
    const client = await lab.primary.connect();
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 15 }).filter((name) => !name.includes('\0')),
        async (name) => {
          const { fields } = await client.query(`SELECT 1 AS ${quoteIdentifier(name)}`);
          assert.equal(fields[0]!.name, name);
        },
      ),
      { numRuns: 300 },
    );
    await client.end();
  });
});
